/**
 * @file A hash of a masked line as the text model reads it: equal for lines whose token ids would be equal. 53 bits under secret
 * multipliers, so that nobody can write a line that is taken for another. Keeps no text.
 */
import { lineSeverities } from '../../shared/lines.ts';
import { fineKindOf } from './fineKinds.ts';
import { tokenKinds } from './kinds.ts';
import { eachPiece, mostLineChars, type TextLine } from './maskedLine.ts';
import type { Tokens } from './tokens.ts';

/** Below any mark of a placeholder. */
const textMark = -1;
const messageMark = -2;

export class LineHasher {
  readonly #seed: number;
  readonly #firstFactor: number;
  readonly #secondFactor: number;
  #raw = '';
  #first = 0;
  #second = 0;
  readonly #visit = (kind: number, start: number, end: number): void => {
    if (kind === tokenKinds.word) this.#addText(start, end);
    else this.#mix(fineKindOf(kind, this.#raw, start, end));
  };

  /** Secrets come from `keyedHash`, so that hashes are those of a workspace. */
  constructor(keyedHash: (text: string) => number) {
    const secret = (name: string): number => Math.floor(keyedHash(`\0line hash ${name}`) / 4) | 0;
    this.#seed = secret('seed');
    this.#firstFactor = secret('first') | 1;
    this.#secondFactor = secret('second') | 1;
  }

  /** Positive. `tokens` are those of the line's message. A line that the model reads only the beginning of is told apart by all of that. */
  hash(raw: string, { severity, process, message }: TextLine, tokens: Tokens): number {
    this.#raw = raw;
    this.#first = this.#seed;
    this.#second = ~this.#seed;
    if (raw.length > mostLineChars) {
      this.#addText(0, mostLineChars);
    } else {
      this.#mix(severity === null ? 0 : lineSeverities.indexOf(severity) + 1);
      if (process) this.#addText(process.start, process.end);
      this.#mix(messageMark);
      eachPiece(raw, message, tokens, this.#visit);
    }
    this.#raw = '';
    return (this.#first >>> 0) * 2 ** 21 + (this.#second >>> 11) || 1;
  }

  /** Its length goes in before its characters: no text can pass for another cut of the same characters. */
  #addText(start: number, end: number): void {
    if (end === start) return;
    this.#mix(textMark);
    this.#mix(end - start);
    const raw = this.#raw;
    const firstFactor = this.#firstFactor;
    const secondFactor = this.#secondFactor;
    let first = this.#first;
    let second = this.#second;
    for (let index = start; index < end; index++) {
      let characters = raw.charCodeAt(index);
      if (++index < end) characters |= raw.charCodeAt(index) << 16;
      first = Math.imul(first ^ characters, firstFactor);
      first ^= first >>> 15;
      second = Math.imul(second ^ characters, secondFactor);
      second ^= second >>> 13;
    }
    this.#first = first;
    this.#second = second;
  }

  #mix(mark: number): void {
    this.#first = Math.imul(this.#first ^ mark, this.#firstFactor);
    this.#first ^= this.#first >>> 15;
    this.#second = Math.imul(this.#second ^ mark, this.#secondFactor);
    this.#second ^= this.#second >>> 13;
  }
}
