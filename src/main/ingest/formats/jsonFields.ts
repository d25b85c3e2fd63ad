/** @file Walks the fields of one JSON object in place: keys and value spans of the first two levels, nothing is decoded. */
import { code } from './scan.ts';

const deepest = 64;
const brace = { open: 123, close: 125 };

/** `next()` steps to the next scalar field at depth one or two; `whole` is true once the object has closed properly. */
export class JsonFields {
  /** Value of the current field: inside of the quotes for text, else the bare token. */
  valueStart = 0;
  valueEnd = 0;
  isText = false;
  /** The line was exactly one object. */
  whole = false;

  readonly #raw: string;
  #index = 1;
  #depth = 1;
  #keyStart = 0;
  #keyEnd = 0;
  #parentStart = 0;
  #parentEnd = 0;
  #expectComma = false;

  constructor(raw: string) {
    this.#raw = raw;
  }

  /** The current key, nested ones as `parent.key`; null where it is longer than `longest`. */
  key(longest: number): string | null {
    const length = this.#keyEnd - this.#keyStart;
    if (this.#depth === 1) return length > longest ? null : this.#raw.slice(this.#keyStart, this.#keyEnd);
    if (length + this.#parentEnd - this.#parentStart + 1 > longest) return null;
    return `${this.#raw.slice(this.#parentStart, this.#parentEnd)}.${this.#raw.slice(this.#keyStart, this.#keyEnd)}`;
  }

  /** No value: null, "" or "-". */
  isEmpty(): boolean {
    const length = this.valueEnd - this.valueStart;
    if (length === 0) return true;
    const first = this.#raw.charCodeAt(this.valueStart);
    return (length === 1 && first === code.dash) || (!this.isText && first === 110);
  }

  next(): boolean {
    const raw = this.#raw;
    for (;;) {
      this.#skipBlanks();
      let character = raw.charCodeAt(this.#index);
      if (character === brace.close) {
        this.#index++;
        this.#expectComma = true;
        if (--this.#depth > 0) continue;
        this.#skipBlanks();
        this.whole = this.#index === raw.length;
        return false;
      }
      if (this.#expectComma) {
        if (character !== code.comma) return false;
        this.#index++;
        this.#skipBlanks();
        character = raw.charCodeAt(this.#index);
      }
      if (character !== code.quote || !this.#skipText()) return false;
      this.#keyStart = this.valueStart;
      this.#keyEnd = this.valueEnd;
      this.#skipBlanks();
      if (raw.charCodeAt(this.#index) !== code.colon) return false;
      this.#index++;
      this.#skipBlanks();
      this.#expectComma = true;
      const first = raw.charCodeAt(this.#index);
      if (first === code.quote) {
        this.isText = true;
        return this.#skipText();
      }
      if (first === brace.open && this.#depth === 1) {
        this.#parentStart = this.#keyStart;
        this.#parentEnd = this.#keyEnd;
        this.#depth = 2;
        this.#index++;
        this.#expectComma = false;
        continue;
      }
      if (first === brace.open || first === code.squareOpen) {
        if (!this.#skipNested()) return false;
        continue;
      }
      this.isText = false;
      return this.#skipScalar();
    }
  }

  #skipBlanks(): void {
    for (;;) {
      const character = this.#raw.charCodeAt(this.#index);
      if (character !== code.space && character !== code.tab) return;
      this.#index++;
    }
  }

  /** From an opening quote to behind the closing one. */
  #skipText(): boolean {
    const raw = this.#raw;
    this.valueStart = this.#index + 1;
    for (let index = this.valueStart; index < raw.length; index++) {
      const character = raw.charCodeAt(index);
      if (character === code.quote) {
        this.valueEnd = index;
        this.#index = index + 1;
        return true;
      }
      if (character === code.backslash) index++;
    }
    return false;
  }

  /** Numbers, true, false, null; not checked further than that they end where a value may end. */
  #skipScalar(): boolean {
    const raw = this.#raw;
    let index = this.#index;
    for (; index < raw.length; index++) {
      const character = raw.charCodeAt(index);
      const isPart =
        (character >= 48 && character <= 57) ||
        (character >= 97 && character <= 122) ||
        character === 43 ||
        character === code.dash ||
        character === code.dot ||
        character === 69;
      if (!isPart) break;
    }
    if (index === this.#index) return false;
    this.valueStart = this.#index;
    this.valueEnd = index;
    this.#index = index;
    return true;
  }

  /** Over an array, or an object below the second level. Brackets must pair; what is between is not checked. */
  #skipNested(): boolean {
    const raw = this.#raw;
    let depth = 0;
    let index = this.#index;
    for (; index < raw.length; index++) {
      const character = raw.charCodeAt(index);
      if (character === brace.open || character === code.squareOpen) {
        if (++depth > deepest) return false;
      } else if (character === brace.close || character === code.squareClose) {
        if (--depth === 0) {
          this.#index = index + 1;
          return true;
        }
      } else if (character === code.quote) {
        this.#index = index;
        if (!this.#skipText()) return false;
        index = this.#index - 1;
      }
    }
    return false;
  }
}
