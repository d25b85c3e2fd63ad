/** @file Which two tokens merge, in which order of preference, and into which: a hash table of numbers. */

export class MergeTable {
  /** Token that the merge of each rank makes. */
  readonly results: Int32Array;
  readonly #shift: number;
  readonly #mask: number;
  readonly #lefts: Int32Array;
  readonly #rights: Int32Array;
  readonly #ranks: Int32Array;

  /** `merges[rank]`; of two merges of the same pair the later one counts, as everywhere. */
  constructor(merges: readonly { left: number; right: number; result: number }[]) {
    // At most half full.
    const bits = Math.max(1, Math.ceil(Math.log2(merges.length * 2 + 2)));
    this.#shift = 32 - bits;
    this.#mask = 2 ** bits - 1;
    this.#lefts = new Int32Array(2 ** bits).fill(-1);
    this.#rights = new Int32Array(2 ** bits);
    this.#ranks = new Int32Array(2 ** bits).fill(-1);
    this.results = Int32Array.from(merges, ({ result }) => result);
    merges.forEach(({ left, right }, rank) => {
      const slot = this.#slotOf(left, right);
      this.#lefts[slot] = left;
      this.#rights[slot] = right;
      this.#ranks[slot] = rank;
    });
  }

  /** Rank of the merge of two tokens, the lower the sooner; -1 where they do not merge. */
  rankOf(left: number, right: number): number {
    return this.#ranks[this.#slotOf(left, right)] ?? -1;
  }

  #slotOf(left: number, right: number): number {
    const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    let slot = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> this.#shift;
    for (; ; slot = (slot + 1) & this.#mask) {
      const found = this.#lefts[slot] ?? -1;
      if (found < 0 || (found === left && this.#rights[slot] === right)) return slot;
    }
  }
}
