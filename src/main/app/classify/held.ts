/** @file How much better held-out verdicts are told with something than without it, with an interval: those of one entity are drawn together, again and again. */
import { Random } from '../../../shared/random.ts';
import type { GateFigure } from '../../../shared/retraining.ts';

const draws = 1000;
/** Of the draws, on either side. */
const outside = 0.025;

/** Figures before and after; the interval of the second holds what the difference of both, drawn together, may be. */
export type Paired = { before: GateFigure; after: GateFigure };

/** `groups` of items 0 to n - 1; `figureOf` weighs each by how often it was drawn, and is NaN where that says nothing. */
export function paired(
  groups: readonly (string | number)[],
  figureOf: (counts: Float64Array) => { before: number; after: number },
  seed: number,
): Paired {
  const of = groups.length;
  const members = new Map<string | number, number[]>();
  groups.forEach((group, item) => members.set(group, [...(members.get(group) ?? []), item]));
  const units = [...members.values()];
  const whole = figureOf(new Float64Array(of).fill(1));
  const random = new Random(seed);
  const differences: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const counts = new Float64Array(of);
    for (let i = 0; i < units.length; i++)
      for (const item of random.pick(units)) counts[item] = (counts[item] ?? 0) + 1;
    const { before, after } = figureOf(counts);
    if (Number.isFinite(after - before)) differences.push(after - before);
  }
  differences.sort((a, b) => a - b);
  const at = (share: number): number | null => {
    const difference = differences[Math.min(differences.length - 1, Math.floor(share * differences.length))];
    return difference === undefined ? null : whole.before + difference;
  };
  return {
    before: { value: whole.before, low: null, high: null, of },
    after: { value: whole.after, low: at(outside), high: at(1 - outside), of },
  };
}

/** Scores of what is harmless and was not drawn, to be counted above any other. */
export class Others {
  readonly #ascending: Float64Array;

  constructor(scores: ArrayLike<number>) {
    this.#ascending = Float64Array.from(scores).sort();
  }

  atLeast(score: number): number {
    let [low, high] = [0, this.#ascending.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ascending[middle] ?? 0) < score) low = middle + 1;
      else high = middle;
    }
    return this.#ascending.length - low;
  }
}

/** Mean precision over the threats, from the highest score down, equal scores together. `counts`: how often each item is there. */
export function averagePrecision(
  items: readonly { isThreat: boolean; score: number }[],
  counts: Float64Array,
  others: Others,
): number {
  const order = [...items.keys()].sort((a, b) => (items[b]?.score ?? 0) - (items[a]?.score ?? 0));
  let [threats, harmless, sum] = [0, 0, 0];
  for (let at = 0; at < order.length;) {
    const score = items[order[at] ?? 0]?.score ?? 0;
    let here = 0;
    for (; at < order.length && items[order[at] ?? 0]?.score === score; at++) {
      const item = order[at] ?? 0;
      if (items[item]?.isThreat) here += counts[item] ?? 0;
      else harmless += counts[item] ?? 0;
    }
    threats += here;
    if (here > 0) sum += here * (threats / (threats + harmless + others.atLeast(score)));
  }
  return threats > 0 ? sum / threats : Number.NaN;
}
