/** @file What was worked out of short texts in lines, found again without taking the text out of its line. Bounded: a newer text takes the place. */
import type { Span } from '../../shared/lines.ts';

const slotCount = 4096;
const longestKept = 64;

export class KnownSpans<Value> {
  readonly #texts: string[] = Array<string>(slotCount).fill('');
  readonly #values: (Value | undefined)[] = Array<Value | undefined>(slotCount).fill(undefined);
  readonly #workOut: (text: string) => Value;

  constructor(workOut: (text: string) => Value) {
    this.#workOut = workOut;
  }

  get(raw: string, { start, end }: Span): Value {
    if (end - start > longestKept || end <= start) return this.#workOut(raw.slice(start, end));
    let slot = end - start;
    for (let index = start; index < end; index++) slot = (Math.imul(slot, 31) + raw.charCodeAt(index)) | 0;
    slot = (slot ^ (slot >>> 12)) & (slotCount - 1);
    const text = this.#texts[slot] ?? '';
    const known = this.#values[slot];
    if (known !== undefined && text.length === end - start && raw.startsWith(text, start)) return known;
    // A slice would keep its whole line alive.
    const own = Buffer.from(raw.slice(start, end), 'utf16le').toString('utf16le');
    const value = this.#workOut(own);
    this.#texts[slot] = own;
    this.#values[slot] = value;
    return value;
  }
}
