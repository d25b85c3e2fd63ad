/** @file Neighbouring pairs of tokens, how often each occurs and in which words, and which is the most frequent: kept up to date. */

/** Token ids stay below this, so that a pair is one small number. */
export const mostTokenIds = 65_536;

type QueueEntry = { pair: number; count: number };

export class Pairs {
  readonly lefts: number[] = [];
  readonly rights: number[] = [];
  readonly counts: number[] = [];
  /** Words that have or had the pair; a word may be named twice. */
  readonly words: number[][] = [];
  readonly #indexes = new Map<number, number>();
  readonly #minimumCount: number;
  readonly #bytesOf: (token: number) => string;
  /** A heap, best first. A count only falls after a pair was queued: an entry that promises too much is queued again when it comes up. */
  readonly #queue: QueueEntry[] = [];

  /** `bytesOf` gives a token's bytes as characters 0 to 255. Pairs seen less often than `minimumCount` never come up. */
  constructor(minimumCount: number, bytesOf: (token: number) => string) {
    this.#minimumCount = minimumCount;
    this.#bytesOf = bytesOf;
  }

  /** `word` has the pair `count` times more. Pairs that are new are queued by `queue`. */
  add(left: number, right: number, count: number, word: number): number {
    const key = (left << 16) | right;
    let pair = this.#indexes.get(key);
    if (pair === undefined) {
      pair = this.counts.length;
      this.#indexes.set(key, pair);
      this.lefts.push(left);
      this.rights.push(right);
      this.counts.push(0);
      this.words.push([]);
    }
    this.counts[pair] = (this.counts[pair] ?? 0) + count;
    const words = this.words[pair];
    if (words && words.at(-1) !== word) words.push(word);
    return pair;
  }

  remove(left: number, right: number, count: number): void {
    const pair = this.#indexes.get((left << 16) | right);
    if (pair !== undefined) this.counts[pair] = (this.counts[pair] ?? 0) - count;
  }

  /** Lets a pair come up. Its words are not needed if it is too rare to. */
  queue(pair: number): void {
    const count = this.counts[pair] ?? 0;
    if (count < this.#minimumCount) {
      this.words[pair] = [];
      return;
    }
    const entry = { pair, count };
    const queue = this.#queue;
    let slot = queue.length;
    queue.push(entry);
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      const above = queue[parent];
      if (!above || !this.#isBefore(entry, above)) break;
      queue[slot] = above;
      slot = parent;
    }
    queue[slot] = entry;
  }

  /** The most frequent pair, which then does not come up again; of equals the one whose bytes come first. undefined: none is left. */
  takeBest(): number | undefined {
    for (;;) {
      const top = this.#pop();
      if (!top) return undefined;
      if (this.counts[top.pair] === top.count) return top.pair;
      this.queue(top.pair);
    }
  }

  #pop(): QueueEntry | undefined {
    const queue = this.#queue;
    const top = queue[0];
    const last = queue.pop();
    if (!top || !last || queue.length === 0) return top;
    let slot = 0;
    for (;;) {
      let child = 2 * slot + 1;
      let best = queue[child];
      if (!best) break;
      const other = queue[child + 1];
      if (other && this.#isBefore(other, best)) {
        best = other;
        child++;
      }
      if (!this.#isBefore(best, last)) break;
      queue[slot] = best;
      slot = child;
    }
    queue[slot] = last;
    return top;
  }

  #isBefore(a: QueueEntry, b: QueueEntry): boolean {
    if (a.count !== b.count) return a.count > b.count;
    const [leftOfA, leftOfB] = [this.#bytesOf(this.lefts[a.pair] ?? 0), this.#bytesOf(this.lefts[b.pair] ?? 0)];
    if (leftOfA !== leftOfB) return leftOfA < leftOfB;
    return this.#bytesOf(this.rights[a.pair] ?? 0) < this.#bytesOf(this.rights[b.pair] ?? 0);
  }
}
