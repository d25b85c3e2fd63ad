/**
 * @file Tokens of the words met lately, so that a common word costs a look-up. Fixed in size: four places per set, the oldest goes. Words
 * are compared whole: nobody can write one that is taken for another; one that was written to collide only misses.
 */
import type { Encoded } from './encoded.ts';

const setBits = 12;
const ways = 4;
const longestWord = 32;
const mostTokens = 16;

export class WordCache {
  readonly #hashes = new Int32Array(ways << setBits);
  readonly #lengths = new Uint8Array(ways << setBits);
  readonly #characters = new Uint16Array((ways << setBits) * longestWord);
  readonly #counts = new Uint8Array(ways << setBits);
  readonly #ids = new Int32Array((ways << setBits) * mostTokens);
  /** Relative to the start of the word. */
  readonly #ends = new Uint8Array((ways << setBits) * mostTokens);
  readonly #oldest = new Uint8Array(1 << setBits);
  #hash = 0;

  /** Appends the tokens of the word [start, end) if they are known. */
  read(text: string, start: number, end: number, into: Encoded): boolean {
    const length = end - start;
    if (length > longestWord) return false;
    let hash = length;
    for (let position = start; position < end; position++) {
      hash = Math.imul(hash ^ text.charCodeAt(position), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    this.#hash = hash;
    const base = (hash >>> (32 - setBits)) * ways;
    for (let slot = base; slot < base + ways; slot++) {
      if (this.#hashes[slot] !== hash || this.#lengths[slot] !== length) continue;
      if (!this.#isWordAt(slot, text, start, end)) continue;
      const count = this.#counts[slot] ?? 0;
      let from = start;
      for (let token = slot * mostTokens; token < slot * mostTokens + count; token++) {
        const to = start + (this.#ends[token] ?? 0);
        into.add(this.#ids[token] ?? 0, from, to);
        from = to;
      }
      return true;
    }
    return false;
  }

  /** Keeps the word that was just looked for; its tokens are those of `encoded` from `first` on. */
  keep(text: string, start: number, end: number, encoded: Encoded, first: number): void {
    const count = encoded.length - first;
    if (end - start > longestWord || count > mostTokens) return;
    const set = this.#hash >>> (32 - setBits);
    const way = this.#oldest[set] ?? 0;
    this.#oldest[set] = (way + 1) % ways;
    const slot = set * ways + way;
    this.#hashes[slot] = this.#hash;
    this.#lengths[slot] = end - start;
    this.#counts[slot] = count;
    for (let position = start; position < end; position++)
      this.#characters[slot * longestWord + position - start] = text.charCodeAt(position);
    for (let token = 0; token < count; token++) {
      this.#ids[slot * mostTokens + token] = encoded.ids[first + token] ?? 0;
      this.#ends[slot * mostTokens + token] = (encoded.ends[first + token] ?? 0) - start;
    }
  }

  #isWordAt(slot: number, text: string, start: number, end: number): boolean {
    let character = slot * longestWord;
    for (let position = start; position < end; position++, character++)
      if (this.#characters[character] !== text.charCodeAt(position)) return false;
    return true;
  }
}
