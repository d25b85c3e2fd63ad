/**
 * @file The detectors' weights, from verdicts: online mirror descent over the standing verdicts in their order (feedback by online convex
 * optimisation, Siddiqui et al., KDD 2018; a prior as in AAD, Das et al. 1708.09441). A threat raises the weight of those who voted for it, a false
 * alarm lowers it, each by as much as the decision was wrong. Weights sum to 1 as Bonferroni's parts do. Nothing is kept between calls, so that a
 * verdict taken back leaves no trace.
 */
import type { DetectorId, Vote } from '../../src/shared/detectors.ts';

export type WeightLabel = {
  votes: readonly Vote[];
  isThreat: boolean;
  /** -log10 of the smallest weighed p-value from which on its like alerts under the model's own weights. */
  from: number;
};

export type Weighed = { id: DetectorId; weight: number };

/** One verdict moves a weight as if ten stood for the model's own. */
const rate = 0.1;
/** Draws back to the model's own: what is not said again is forgotten over a hundred verdicts. */
const pull = 0.1;
/** No detector is silenced, and none speaks for all. */
const mostChange = Math.log(16);
/** Less is no change. */
const leastChange = 0.02;

/** Null where verdicts change nothing. `flagAbove`: the probability of a threat above which flagging pays. */
export function learnWeights(
  own: readonly Weighed[],
  labels: readonly WeightLabel[],
  flagAbove: number,
): Partial<Record<DetectorId, number>> | null {
  const logit = Math.log(flagAbove / (1 - flagAbove));
  const places = new Map(own.map(({ id }, place) => [id, place]));
  const change = new Float64Array(own.length);
  const weights = own.map(({ weight }) => weight);
  for (const { votes, isThreat, from } of labels) {
    const shares = new Float64Array(own.length);
    let sum = 0;
    for (const { detector, score } of votes) {
      const place = places.get(detector);
      if (place === undefined) continue;
      sum += shares[place] = (weights[place] ?? 0) * 10 ** Math.min(score, 300);
    }
    if (sum === 0) continue;
    // A decade of p is a decade of odds, as in the fit of the threshold.
    const odds = Math.log(sum) - from * Math.LN10 + logit;
    const error = 1 / (1 + Math.exp(-odds)) - (isThreat ? 1 : 0);
    for (let place = 0; place < own.length; place++) {
      const gradient = (error * (shares[place] ?? 0)) / sum;
      const moved = (change[place] ?? 0) - rate * (gradient + pull * (change[place] ?? 0));
      change[place] = Math.min(mostChange, Math.max(-mostChange, moved));
      weights[place] = (own[place]?.weight ?? 0) * Math.exp(change[place] ?? 0);
    }
    // Parts of one again: who did not vote keeps the proportion to the others.
    const total = weights.reduce((all, weight) => all + weight, 0);
    for (let place = 0; place < own.length; place++) {
      weights[place] = (weights[place] ?? 0) / total;
      change[place] = (change[place] ?? 0) - Math.log(total);
    }
  }
  const isChanged = own.some(
    ({ weight }, place) => Math.abs(Math.log((weights[place] ?? weight) / weight)) >= leastChange,
  );
  return isChanged ? Object.fromEntries(own.map(({ id }, place) => [id, weights[place] ?? 0])) : null;
}
