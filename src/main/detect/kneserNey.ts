/**
 * @file Which kind of line comes next, by counts of the last four: interpolated Kneser-Ney (Chen and Goodman, 1999) of order 5. It needs no training but
 * one pass over the log, so that there is something to judge by from the first minute on.
 *
 * Contexts are a tree from the newest kind to the oldest: the children of a context are those that are one kind longer.
 */
import { IntegerMap } from './integerMap.ts';

export const order = 5;
const longestContext = order - 1;
/** Beyond this many entries those that came once are let go, the longest contexts first: a log of any length makes a model of at most some megabytes. */
export const mostEntries = 300_000;
/** While counting. Contexts that are met after so many others are judged by shorter ones. */
const mostCounted = 4 * mostEntries;
const mostContexts = 4 * mostEntries;

/** JSON. Contexts in the order of their parents, each with its followers; context 0 is the empty one. */
export type NgramCounts = {
  vocabularySize: number;
  /** Of each context: the place of the one without its oldest kind, and that kind. */
  parents: number[];
  oldest: number[];
  /** Of all followers, also those that were let go. */
  totals: number[];
  /** Followers of context i are the next `followerCounts[i]` of `followers`, with their counts. */
  followerCounts: number[];
  followers: number[];
  counts: number[];
  /** By length of context, what is taken off each count for kinds that did not follow there. */
  discounts: number[];
};

/** Counts one sequence after another. */
export class NgramCounter {
  readonly #vocabularySize: number;
  /** Place of a context by its parent's and its oldest kind. */
  readonly #contexts = new IntegerMap();
  readonly #parents = [0];
  readonly #oldest = [0];
  readonly #lengths = [0];
  /** Count by context and follower. */
  #followers = new IntegerMap();

  constructor(vocabularySize: number) {
    this.#vocabularySize = vocabularySize;
  }

  /** Predicts `ids` from place `from` on. */
  add(ids: readonly number[] | Int32Array, from: number): void {
    const V = this.#vocabularySize;
    for (let i = from; i < ids.length; i++) {
      const follower = ids[i] ?? 0;
      let context = 0;
      this.#followers.add(follower, 1);
      for (let length = 1; length <= longestContext && i - length >= 0; length++) {
        context = this.#childOf(context, ids[i - length] ?? 0, length);
        if (context < 0) break;
        this.#followers.add(context * V + follower, 1);
      }
    }
    if (this.#followers.size > mostCounted) this.#followers = this.#without(1, mostCounted / 2, this.#followers);
  }

  finish(): NgramCounts {
    const V = this.#vocabularySize;
    const contextCount = this.#parents.length;
    // In lower orders a kind counts by how many contexts it followed, not by how often; where a sequence begins there is only how often.
    const distinct = new IntegerMap(this.#followers.size);
    const hasLonger = new Uint8Array(contextCount);
    for (const [key] of this.#followers.entries()) {
      const context = Math.floor(key / V);
      if (context === 0) continue;
      const parent = this.#parents[context] ?? 0;
      hasLonger[parent] = 1;
      distinct.add(parent * V + (key % V), 1);
    }
    const keys = new Float64Array(this.#followers.size);
    const counts = new Float64Array(keys.length);
    const totals = new Float64Array(contextCount);
    const [once, twice] = [new Float64Array(order), new Float64Array(order)];
    let place = 0;
    for (const [key, seen] of this.#followers.entries()) {
      const context = Math.floor(key / V);
      const count = hasLonger[context] === 1 ? Math.max(1, distinct.get(key)) : seen;
      const length = this.#lengths[context] ?? 0;
      totals[context] = (totals[context] ?? 0) + count;
      if (count === 1) once[length] = (once[length] ?? 0) + 1;
      if (count === 2) twice[length] = (twice[length] ?? 0) + 1;
      keys[place] = key;
      counts[place++] = count;
    }
    const discounts = Array.from(once, (n, length) => (n > 0 ? n / (n + 2 * (twice[length] ?? 0)) : 0.5));
    return this.#packed(this.#largest(keys, counts), totals, discounts);
  }

  /** -1: there is no room for another. */
  #childOf(parent: number, kind: number, length: number): number {
    const key = parent * this.#vocabularySize + kind;
    const found = this.#contexts.get(key);
    if (found >= 0 || this.#parents.length >= mostContexts) return found;
    const place = this.#parents.length;
    this.#contexts.set(key, place);
    this.#parents.push(parent);
    this.#oldest.push(kind);
    this.#lengths.push(length);
    return place;
  }

  /** Without those counted no more than `count` times, the longest contexts first, until so many are left. */
  #without(count: number, most: number, followers: IntegerMap): IntegerMap {
    let left = followers;
    for (let length = longestContext; length > 1 && left.size > most; length--) {
      const kept = new IntegerMap(left.size);
      for (const [key, seen] of left.entries()) {
        const ofLength = this.#lengths[Math.floor(key / this.#vocabularySize)] === length;
        if (!ofLength || seen > count) kept.set(key, seen);
      }
      left = kept;
    }
    return left;
  }

  /** Those that are kept, in the order of their keys, which is that of contexts and then of followers. */
  #largest(keys: Float64Array, counts: Float64Array): { keys: Float64Array; countOf: IntegerMap } {
    const lengthOf = (key: number): number => this.#lengths[Math.floor(key / this.#vocabularySize)] ?? 0;
    const isKept = new Uint8Array(keys.length).fill(1);
    let left = keys.length;
    const letGo = (most: number, length: number): void => {
      keys.forEach((key, i) => {
        if (isKept[i] !== 1 || (counts[i] ?? 0) > most || lengthOf(key) !== length) return;
        isKept[i] = 0;
        left--;
      });
    };
    const isTooMany = (): boolean => left > mostEntries;
    for (let most = 1; isTooMany(); most++) {
      for (let length = longestContext; length > 0 && isTooMany(); length--) letGo(most, length);
    }
    const countOf = new IntegerMap(left);
    keys.forEach((key, i) => {
      if (isKept[i] === 1) countOf.set(key, counts[i] ?? 0);
    });
    return { keys: keys.filter((_, i) => isKept[i] === 1).sort(), countOf };
  }

  /** Contexts that have followers, and their parents, numbered anew. */
  #packed(
    { keys, countOf }: { keys: Float64Array; countOf: IntegerMap },
    totals: Float64Array,
    discounts: number[],
  ): NgramCounts {
    const V = this.#vocabularySize;
    const isUsed = new Uint8Array(totals.length);
    isUsed[0] = 1;
    for (const key of keys) {
      for (let context = Math.floor(key / V); isUsed[context] !== 1; context = this.#parents[context] ?? 0)
        isUsed[context] = 1;
    }
    const places = new Int32Array(totals.length);
    const packed: NgramCounts = {
      ...{ vocabularySize: V, parents: [], oldest: [], totals: [] },
      ...{ followerCounts: [], followers: [], counts: [], discounts },
    };
    isUsed.forEach((used, context) => {
      if (used !== 1) return;
      places[context] = packed.parents.length;
      packed.parents.push(places[this.#parents[context] ?? 0] ?? 0);
      packed.oldest.push(this.#oldest[context] ?? 0);
      packed.totals.push(totals[context] ?? 0);
      packed.followerCounts.push(0);
    });
    for (const key of keys) {
      const place = places[Math.floor(key / V)] ?? 0;
      packed.followerCounts[place] = (packed.followerCounts[place] ?? 0) + 1;
      packed.followers.push(key % V);
      packed.counts.push(countOf.get(key));
    }
    return packed;
  }
}

export class Ngrams {
  readonly #vocabularySize: number;
  readonly #contexts: IntegerMap;
  readonly #followers: IntegerMap;
  readonly #totals: Float64Array;
  /** Of each context, the share that goes to shorter ones. */
  readonly #left: Float64Array;
  readonly #discounts: readonly number[];

  constructor({
    vocabularySize: V,
    parents,
    oldest,
    totals,
    followerCounts,
    followers,
    counts,
    discounts,
  }: NgramCounts) {
    this.#vocabularySize = V;
    this.#discounts = discounts;
    this.#totals = Float64Array.from(totals);
    this.#contexts = new IntegerMap(parents.length);
    this.#followers = new IntegerMap(followers.length);
    this.#left = new Float64Array(parents.length);
    const lengths = new Int32Array(parents.length);
    let next = 0;
    for (let context = 0; context < parents.length; context++) {
      const parent = parents[context] ?? 0;
      if (context > 0) {
        lengths[context] = (lengths[parent] ?? 0) + 1;
        this.#contexts.set(parent * V + (oldest[context] ?? 0), context);
      }
      const discount = discounts[lengths[context] ?? 0] ?? 0;
      let used = 0;
      for (const end = next + (followerCounts[context] ?? 0); next < end; next++) {
        this.#followers.set(context * V + (followers[next] ?? 0), counts[next] ?? 0);
        used += Math.max(0, (counts[next] ?? 0) - discount);
      }
      this.#left[context] = 1 - used / Math.max(1, this.#totals[context] ?? 0);
    }
  }

  /** Bits of `ids[place]` given what stands before it. */
  bits(ids: readonly number[] | Int32Array, place: number): number {
    const V = this.#vocabularySize;
    const kind = ids[place] ?? 0;
    let probability = 1 / V;
    let context = 0;
    for (let length = 0; ; length++) {
      const count = this.#followers.get(context * V + kind);
      const own = count > 0 ? Math.max(0, count - (this.#discounts[length] ?? 0)) / (this.#totals[context] ?? 1) : 0;
      probability = own + (this.#left[context] ?? 1) * probability;
      if (length === longestContext || place - length - 1 < 0) break;
      context = this.#contexts.get(context * V + (ids[place - length - 1] ?? 0));
      if (context < 0) break;
    }
    return -Math.log2(probability);
  }
}
