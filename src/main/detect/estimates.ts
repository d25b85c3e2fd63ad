/**
 * @file Estimates with 95 % intervals: shares of what was decided (Wilson 1927), and recall from a sample of what was not flagged, by inverse
 * probability (Horvitz and Thompson 1952), with the interval of a weighted sum of Poisson counts (Fay and Feuer 1997), which is exact for equal weights
 * and holds where no threat was drawn at all.
 */
import type { Estimate } from '../../shared/teaching.ts';
import { logGamma } from './beta.ts';
import { stratumOf } from './sampling.ts';

const tail = 0.025;
const normal = 1.959964;

/** Wilson's interval. Null for none of none. */
export function shareOf(count: number, total: number): Estimate {
  if (total === 0) return null;
  const value = count / total;
  const square = normal ** 2 / total;
  const middle = (value + square / 2) / (1 + square);
  const half = (normal / (1 + square)) * Math.sqrt((value * (1 - value)) / total + square / (4 * total));
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Events that were flagged, of alerts of one severity. */
export type Flagged = { threat: number; harmless: number; undecided: number };
/** An event that was drawn. `isThreat`: null where it was not decided. */
export type DrawnLabel = { score: number; weight: number; isThreat: boolean | null };

export type RecallEstimate = {
  estimate: Estimate;
  found: number;
  missed: number | null;
  decided: number;
  drawn: number;
};

/**
 * The share of threats that is flagged, in events. Found: the flagged events of threats, and of those not decided the share that was a threat among
 * the decided of their severity. Missed: known misses, and what was drawn, each for the events it stands for; what was drawn and not decided is spread
 * over the decided of its stratum, which holds where they are decided in the order they are asked in, as that is chance's.
 */
export function recallOf(
  flagged: readonly Flagged[],
  drawn: readonly DrawnLabel[],
  knownMisses: number,
): RecallEstimate {
  const found = foundOf(flagged);
  const decided = drawn.filter(({ isThreat }) => isThreat !== null).length;
  const missed = missedOf(drawn);
  const counts = { found: found.value, decided, drawn: drawn.length };
  if (!missed) return { ...counts, estimate: null, missed: null };
  const all = missed.value + knownMisses;
  const share = (part: number, rest: number): number => (part + rest === 0 ? 1 : part / (part + rest));
  const estimate =
    found.value + all === 0
      ? null
      : {
          value: share(found.value, all),
          low: share(found.low, missed.high + knownMisses),
          high: share(found.high, missed.low + knownMisses),
        };
  return { ...counts, estimate, missed: all };
}

/** From no more of the undecided are threats to as many as the interval of the decided allows. */
function foundOf(flagged: readonly Flagged[]): { value: number; low: number; high: number } {
  const sum = { threat: 0, harmless: 0, undecided: 0 };
  for (const { threat, harmless, undecided } of flagged) {
    sum.threat += threat;
    sum.harmless += harmless;
    sum.undecided += undecided;
  }
  const every = shareOf(sum.threat, sum.threat + sum.harmless);
  const total = { value: sum.threat, low: sum.threat, high: sum.threat };
  for (const { threat, harmless, undecided } of flagged) {
    const own = shareOf(threat, threat + harmless) ?? every ?? { value: 0, low: 0, high: 1 };
    total.value += undecided * own.value;
    total.high += undecided * own.high;
  }
  return total;
}

/** Null where nothing was decided. A stratum of which nothing was is taken with the one below it. */
function missedOf(drawn: readonly DrawnLabel[]): { value: number; low: number; high: number } | null {
  const strata = new Map<number, DrawnLabel[]>();
  for (const one of drawn) {
    const stratum = stratumOf(one.score);
    strata.set(stratum, [...(strata.get(stratum) ?? []), one]);
  }
  const isDecided = ({ isThreat }: DrawnLabel): boolean => isThreat !== null;
  const pooled: DrawnLabel[][] = [];
  let waiting: DrawnLabel[] = [];
  for (const [, list] of [...strata].sort(([one], [other]) => one - other)) {
    waiting = [...waiting, ...list];
    if (!waiting.some(isDecided)) continue;
    pooled.push(waiting);
    waiting = [];
  }
  const last = pooled.at(-1);
  if (!last) return null;
  last.push(...waiting);
  let [value, variance, largest] = [0, 0, 0];
  for (const list of pooled) {
    const weightOf = (some: readonly DrawnLabel[]): number => some.reduce((sum, { weight }) => sum + weight, 0);
    const spread = weightOf(list) / weightOf(list.filter(isDecided));
    for (const { weight, isThreat } of list) {
      if (isThreat === null) continue;
      largest = Math.max(largest, weight * spread);
      if (!isThreat) continue;
      value += weight * spread;
      variance += (weight * spread) ** 2;
    }
  }
  const gamma = (probability: number, mean: number, spread: number): number =>
    mean === 0 ? 0 : (spread / mean) * gammaQuantile(probability, mean ** 2 / spread);
  return {
    value,
    low: gamma(tail, value, variance),
    high: gamma(1 - tail, value + largest, variance + largest ** 2),
  };
}

/** The x below which a gamma variable of this shape and scale 1 is with this probability. */
export function gammaQuantile(probability: number, shape: number): number {
  let high = shape + 10 * Math.sqrt(shape) + 20;
  let low = 0;
  for (let i = 0; i < 200 && high - low > 1e-10 * high; i++) {
    const middle = (low + high) / 2;
    if (gammaProbability(middle, shape) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised lower incomplete gamma function, by its series (DLMF 8.11.4): for x not far beyond the shape. */
function gammaProbability(x: number, shape: number): number {
  if (x <= 0) return 0;
  let term = 1;
  let sum = 1;
  for (let n = 1; n < 100_000 && term > 1e-16 * sum; n++) {
    term *= x / (shape + n);
    sum += term;
  }
  return Math.min(1, sum * Math.exp(shape * Math.log(x) - x - logGamma(shape + 1)));
}
