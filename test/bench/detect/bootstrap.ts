/** @file Paired bootstrap: the same sessions drawn again for all that is compared, threats and harmless ones apart, so that a difference is one of the ways and not of the draw. */
import { Random } from '../../../src/shared/random.ts';

export type Interval = { low: number; high: number };

/** One way's result on the test sessions, by seed: scores for the area, alerts for the recall. */
export type Result = { scores: readonly Float64Array[]; alerts: readonly (readonly boolean[])[] };

const resamples = 400;

/** How often each session is drawn, by resample. The same for every way that is compared. */
export function drawResamples(isThreat: readonly boolean[], seed: number): Uint16Array[] {
  const random = new Random(seed);
  const classes = [true, false].map((wanted) => [...isThreat.keys()].filter((i) => isThreat[i] === wanted));
  return Array.from({ length: resamples }, () => {
    const counts = new Uint16Array(isThreat.length);
    for (const own of classes) {
      for (let i = 0; i < own.length; i++) {
        const drawn = random.pick(own);
        counts[drawn] = (counts[drawn] ?? 0) + 1;
      }
    }
    return counts;
  });
}

/** Mean area over the seeds, in each resample. */
export function areasOf(
  result: Pick<Result, 'scores'>,
  isThreat: readonly boolean[],
  draws: readonly Uint16Array[],
): number[] {
  const sums = new Array<number>(draws.length).fill(0);
  for (const scores of result.scores) {
    const order = Float64Array.from(scores.keys()).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
    draws.forEach((counts, draw) => {
      sums[draw] = (sums[draw] ?? 0) + weightedArea(scores, order, isThreat, counts) / result.scores.length;
    });
  }
  return sums;
}

/** Mean share of threats that alert over the seeds, in each resample. */
export function recallsOf(
  result: Pick<Result, 'alerts'>,
  isThreat: readonly boolean[],
  draws: readonly Uint16Array[],
): number[] {
  const threats = isThreat.filter(Boolean).length;
  const found = isThreat.map((threat, i) => (threat ? result.alerts.filter((alerts) => alerts[i]).length : 0));
  return draws.map(
    (counts) => found.reduce((sum, count, i) => sum + count * (counts[i] ?? 0), 0) / threats / result.alerts.length,
  );
}

/** The middle 95 %. */
export function intervalOf(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { low: at(0.025), high: at(0.975) };
}

export function differenceOf(one: readonly number[], other: readonly number[]): Interval {
  return intervalOf(one.map((value, i) => value - (other[i] ?? NaN)));
}

/** Mann-Whitney with each session counted as often as it was drawn. */
function weightedArea(
  scores: Float64Array,
  order: Float64Array,
  isThreat: readonly boolean[],
  counts: Uint16Array,
): number {
  let [below, threats, sum] = [0, 0, 0];
  for (let from = 0; from < order.length;) {
    const score = scores[order[from] ?? 0];
    let [own, ownThreats] = [0, 0];
    for (; from < order.length && scores[order[from] ?? 0] === score; from++) {
      const i = order[from] ?? 0;
      if (isThreat[i]) ownThreats += counts[i] ?? 0;
      else own += counts[i] ?? 0;
    }
    sum += ownThreats * (below + own / 2);
    below += own;
    threats += ownThreats;
  }
  return sum / (below * threats);
}
