/** @file Walks the fields of one JSON object in place: keys and value spans of its first levels, nothing is decoded. */
import { code } from './scan.ts';

const deepest = 64;
const brace = { open: 123, close: 125 };

/** `next()` steps to the next field that is a scalar or a list; `whole` is true once the object has closed properly. */
export class JsonFields {
  /** Value of the current field: inside of the quotes for text, brackets included for a list, else the bare token. */
  valueStart = 0;
  valueEnd = 0;
  isText = false;
  isList = false;
  /** The line was exactly one object. */
  whole = false;
  /** Levels of objects that the current field is in, from 1. */
  depth = 1;

  readonly #raw: string;
  readonly #levels: number;
  #index = 1;
  #open = 1;
  /** Spans of the keys on the way to the current field: start and end of each level's. */
  readonly #keys: number[] = [];
  #expectComma = false;

  /** Objects below so many `levels` are stepped over. */
  constructor(raw: string, levels = 2) {
    this.#raw = raw;
    this.#levels = levels;
  }

  /** The current key, nested ones as `parent.key`; null where it is longer than `longest`. */
  key(longest: number): string | null {
    let path = '';
    for (let level = 1; level <= this.depth; level++) {
      const key = this.#keyAt(level, longest - path.length);
      if (key === null) return null;
      path = level === 1 ? key : `${path}.${key}`;
    }
    return path.length > longest ? null : path;
  }

  /** The current key without its parents, or with `up` the name of a parent; null where there is none or it is longer than `longest`. */
  name(longest: number, up = 0): string | null {
    return up >= this.depth ? null : this.#keyAt(this.depth - up, longest);
  }

  #keyAt(level: number, longest: number): string | null {
    const start = this.#keys[2 * level - 2] ?? 0;
    const end = this.#keys[2 * level - 1] ?? 0;
    return end - start > longest ? null : this.#raw.slice(start, end);
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
        if (--this.#open > 0) continue;
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
      this.#keys[2 * this.#open - 2] = this.valueStart;
      this.#keys[2 * this.#open - 1] = this.valueEnd;
      this.#skipBlanks();
      if (raw.charCodeAt(this.#index) !== code.colon) return false;
      this.#index++;
      this.#skipBlanks();
      this.#expectComma = true;
      this.isText = false;
      this.isList = false;
      this.depth = this.#open;
      const first = raw.charCodeAt(this.#index);
      if (first === code.quote) {
        this.isText = true;
        return this.#skipText();
      }
      if (first === brace.open && this.#open < this.#levels) {
        this.#open++;
        this.#index++;
        this.#expectComma = false;
        continue;
      }
      if (first === brace.open) {
        if (!this.#skipNested()) return false;
        continue;
      }
      if (first === code.squareOpen) {
        const start = this.#index;
        if (!this.#skipNested()) return false;
        this.isList = true;
        this.valueStart = start;
        this.valueEnd = this.#index;
        return true;
      }
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

  /** Over an array, or an object below the levels that are read. Brackets must pair; what is between is not checked. */
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
