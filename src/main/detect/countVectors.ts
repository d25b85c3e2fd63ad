/**
 * @file Which kinds of line a stretch has and how often, against those that training had: the distance to the nearest, |a - b|_1 / max(|a|, |b|)
 * (Landauer et al. 2309.02854). One that few stretches had is near only for its support: a copy of an attack is not yet normal.
 */

/** Kinds ascending, with their counts. */
export type CountVector = { kinds: Int32Array; counts: Int32Array; total: number };

/** JSON. Vector i is the next `sizes[i]` of `kinds` and `counts`; `support[i]` stretches had it. In ascending order of totals. */
export type CountVectorData = {
  kinds: number[];
  counts: number[];
  sizes: number[];
  support: number[];
  stretches: number;
};

/** Counts of kinds folded into so few sums give a distance that is never too large, in a fraction of the time. */
const lanes = 16;
/** Two vectors of one length that have nothing in common. */
const farthest = 2;
/** The best supported are kept. */
const mostVectors = 10_000;
const mostEntries = 200_000;

export function countVectorOf(ids: readonly number[] | Int32Array): CountVector {
  const sorted = Int32Array.from(ids).sort();
  const kinds: number[] = [];
  const counts: number[] = [];
  for (const id of sorted) {
    if (kinds.at(-1) === id) counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
    else {
      kinds.push(id);
      counts.push(1);
    }
  }
  return { kinds: Int32Array.from(kinds), counts: Int32Array.from(counts), total: sorted.length };
}

export function nameOf({ kinds, counts }: CountVector): string {
  return `${kinds.join(' ')},${counts.join(' ')}`;
}

export function fitCountVectors(stretches: Iterable<readonly number[] | Int32Array>): CountVectorData {
  const distinct = new Map<string, { vector: CountVector; support: number }>();
  let total = 0;
  for (const ids of stretches) {
    const vector = countVectorOf(ids);
    const name = nameOf(vector);
    const known = distinct.get(name);
    if (known) known.support++;
    else distinct.set(name, { vector, support: 1 });
    total++;
    if (distinct.size > 8 * mostVectors) letGo(distinct, 4 * mostVectors);
  }
  letGo(distinct, mostVectors);
  const kept = [...distinct.values()].sort((a, b) => a.vector.total - b.vector.total);
  const data: CountVectorData = { kinds: [], counts: [], sizes: [], support: [], stretches: total };
  for (const { vector, support } of kept) {
    if (data.kinds.length + vector.kinds.length > mostEntries) continue;
    data.kinds.push(...vector.kinds);
    data.counts.push(...vector.counts);
    data.sizes.push(vector.kinds.length);
    data.support.push(support);
  }
  return data;
}

/** The least supported; among equals the ones that came first stay. */
function letGo(distinct: Map<string, { support: number }>, most: number): void {
  if (distinct.size <= most) return;
  const ordered = [...distinct].sort(([, a], [, b]) => b.support - a.support);
  for (const [name] of ordered.slice(most)) distinct.delete(name);
}

export class CountVectors {
  readonly #vectors: CountVector[] = [];
  readonly #folded: Int32Array;
  readonly #penalties: Float64Array;
  readonly #leastPenalty: number;
  /** Of the vector with its name; nothing is nearer than itself but one with better support. */
  readonly #places = new Map<string, number>();

  /** `penaltyOf`: what is added to the distance of a vector that so many of all stretches had. */
  constructor(
    { kinds, counts, sizes, support, stretches }: CountVectorData,
    penaltyOf: (support: number, stretches: number) => number,
  ) {
    this.#folded = new Int32Array(sizes.length * lanes);
    this.#penalties = Float64Array.from(support, (one) => penaltyOf(one, stretches));
    this.#leastPenalty = this.#penalties.length > 0 ? this.#penalties.reduce((least, one) => Math.min(least, one)) : 0;
    let next = 0;
    sizes.forEach((size, index) => {
      const vector = {
        kinds: Int32Array.from(kinds.slice(next, next + size)),
        counts: Int32Array.from(counts.slice(next, next + size)),
        total: 0,
      };
      vector.total = vector.counts.reduce((sum, count) => sum + count, 0);
      next += size;
      fold(vector, this.#folded, index * lanes);
      this.#places.set(nameOf(vector), index);
      this.#vectors.push(vector);
    });
  }

  /**
   * Distance to the nearest, its penalty included: 0 for what is well known, 1 to 2 for what has nothing in common with anything known. `isOpen`: the
   * stretch was cut off, and is compared by what it has, never by what it lacks.
   */
  nearest(ids: readonly number[] | Int32Array, isOpen: boolean): number {
    const vector = countVectorOf(ids);
    const folded = new Int32Array(lanes);
    fold(vector, folded, 0);
    const itself = this.#places.get(nameOf(vector));
    let best = itself === undefined ? farthest + this.#leastPenalty : (this.#penalties[itself] ?? 0);
    const start = this.#firstOfTotal(vector.total);
    // Outwards from those of the same total: the difference of the totals alone becomes too much.
    for (let index = start; index < this.#vectors.length; index++) {
      if (!isOpen && this.#leastPenalty + this.#totalDistance(vector, index) >= best) break;
      best = this.#nearer(vector, folded, index, best, isOpen);
    }
    for (let index = start - 1; index >= 0; index--) {
      if (this.#leastPenalty + this.#totalDistance(vector, index) >= best) break;
      best = this.#nearer(vector, folded, index, best, isOpen);
    }
    return best;
  }

  #firstOfTotal(total: number): number {
    let low = 0;
    let high = this.#vectors.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#vectors[middle]?.total ?? 0) < total) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #totalDistance({ total }: CountVector, index: number): number {
    const other = this.#vectors[index]?.total ?? 0;
    return Math.abs(total - other) / Math.max(1, total, other);
  }

  #nearer(vector: CountVector, folded: Int32Array, index: number, best: number, isOpen: boolean): number {
    const other = this.#vectors[index];
    if (!other) return best;
    const penalty = this.#penalties[index] ?? 0;
    const scale = Math.max(1, isOpen ? vector.total : Math.max(vector.total, other.total));
    const most = (best - penalty) * scale;
    if (most <= 0) return best;
    let atLeast = 0;
    for (let lane = 0; lane < lanes; lane++) {
      const more = (folded[lane] ?? 0) - (this.#folded[index * lanes + lane] ?? 0);
      atLeast += more > 0 ? more : isOpen ? 0 : -more;
    }
    if (atLeast >= most) return best;
    return Math.min(best, penalty + difference(vector, other, isOpen) / scale);
  }
}

function fold({ kinds, counts }: CountVector, into: Int32Array, offset: number): void {
  kinds.forEach((kind, i) => {
    const lane = offset + (kind % lanes);
    into[lane] = (into[lane] ?? 0) + (counts[i] ?? 0);
  });
}

/** |a - b|_1; of an open stretch only what it has more. */
function difference(a: CountVector, b: CountVector, isOpen: boolean): number {
  let sum = 0;
  let [i, j] = [0, 0];
  while (i < a.kinds.length || j < b.kinds.length) {
    const [one, other] = [a.kinds[i] ?? Infinity, b.kinds[j] ?? Infinity];
    const more = (one <= other ? (a.counts[i] ?? 0) : 0) - (other <= one ? (b.counts[j] ?? 0) : 0);
    sum += more > 0 ? more : isOpen ? 0 : -more;
    if (one <= other) i++;
    if (other <= one) j++;
  }
  return sum;
}
