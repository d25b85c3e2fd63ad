/**
 * @file Which kinds of line a stretch has and how often, against those that training had: the distance to the nearest, |a - b|_1 / max(|a|, |b|)
 * (Landauer et al. 2309.02854). One that few stretches had is near only for its support: a copy of an attack is not yet normal.
 */

/** Kinds ascending, with their counts. */
export type CountVector = { kinds: Int32Array; counts: Int32Array; total: number };

/** JSON. Vector i is the next `sizes[i]` of `kinds` and `counts`; `support[i]` stretches had it. */
export type CountVectorData = {
  kinds: number[];
  counts: number[];
  sizes: number[];
  support: number[];
  stretches: number;
};

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
  const kept = [...distinct.values()].sort((a, b) => b.support - a.support);
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

/** Results of so many vectors are remembered: most sessions are as others were. */
const mostRemembered = 10_000;

/** By each kind, the vectors that have it: what two have in common is added up over the kinds of one of them only. */
export class CountVectors {
  /** Vectors that have kind k are `places[starts[k] .. starts[k + 1])`, with their counts of it. */
  readonly #starts: Int32Array;
  readonly #places: Int32Array;
  readonly #counts: Int32Array;
  readonly #totals: Float64Array;
  readonly #penalties: Float64Array;
  /** Scratch: what each vector has in common with the one that is looked for. */
  readonly #common: Float64Array;
  readonly #remembered = new Map<string, number>();

  /** `penaltyOf`: what is added to the distance of a vector that so many of all stretches had. */
  constructor(
    { kinds, counts, sizes, support, stretches }: CountVectorData,
    penaltyOf: (support: number, stretches: number) => number,
  ) {
    const mostKind = kinds.reduce((most, kind) => Math.max(most, kind), -1);
    this.#starts = new Int32Array(mostKind + 2);
    for (const kind of kinds) this.#starts[kind + 1] = (this.#starts[kind + 1] ?? 0) + 1;
    for (let kind = 0; kind <= mostKind; kind++)
      this.#starts[kind + 1] = (this.#starts[kind + 1] ?? 0) + (this.#starts[kind] ?? 0);
    this.#places = new Int32Array(kinds.length);
    this.#counts = new Int32Array(kinds.length);
    this.#totals = new Float64Array(sizes.length);
    this.#common = new Float64Array(sizes.length);
    this.#penalties = Float64Array.from(support, (one) => penaltyOf(one, stretches));
    const next = this.#starts.slice();
    let entry = 0;
    sizes.forEach((size, place) => {
      for (const end = entry + size; entry < end; entry++) {
        const [kind, count] = [kinds[entry] ?? 0, counts[entry] ?? 0];
        const at = next[kind] ?? 0;
        next[kind] = at + 1;
        this.#places[at] = place;
        this.#counts[at] = count;
        this.#totals[place] = (this.#totals[place] ?? 0) + count;
      }
    });
  }

  /**
   * Distance to the nearest, its penalty included: 0 for what is well known, 1 to 2 for what has nothing in common with anything known. `isOpen`:
   * the stretch was cut off, and is compared by what it has, never by what it lacks.
   */
  nearest(ids: readonly number[] | Int32Array, isOpen: boolean): number {
    const vector = countVectorOf(ids);
    const name = `${isOpen ? 'open ' : ''}${nameOf(vector)}`;
    const remembered = this.#remembered.get(name);
    if (remembered !== undefined) return remembered;
    const distance = this.#find(vector, isOpen);
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear();
    this.#remembered.set(name, distance);
    return distance;
  }

  #find({ kinds, counts, total }: CountVector, isOpen: boolean): number {
    const common = this.#common.fill(0);
    kinds.forEach((kind, i) => {
      const count = counts[i] ?? 0;
      const end = this.#starts[kind + 1] ?? 0;
      for (let at = this.#starts[kind] ?? end; at < end; at++) {
        const place = this.#places[at] ?? 0;
        common[place] = (common[place] ?? 0) + Math.min(count, this.#counts[at] ?? 0);
      }
    });
    let best: number = farthest;
    for (let place = 0; place < common.length; place++) {
      const shared = common[place] ?? 0;
      const other = this.#totals[place] ?? 0;
      const distance = isOpen
        ? (total - shared) / Math.max(1, total)
        : (total + other - 2 * shared) / Math.max(1, total, other);
      best = Math.min(best, distance + (this.#penalties[place] ?? 0));
    }
    return best;
  }
}
