/**
 * @file The detectors' weights, from verdicts: so that confirmed threats rank above false alarms, each pair of them by how far it is from that, with a
 * prior at the model's own (as in active anomaly discovery, Das et al. 1708.09441). The threshold stands among both, as what no threat should fall
 * below and no false alarm rise above. Weights sum to 1 as Bonferroni's parts do. Nothing is kept between calls, so that a verdict taken back leaves no
 * trace.
 *
 * To move each weight by how wrong the decision at the threshold was taught next to nothing: threats that are far above it teach nothing of what they
 * have and false alarms have not. Made-up offices, 200 verdicts by severity, means of three: average precision on signatures without verdicts 0.37 by
 * the model's weights, 0.41 by those, 0.45 by these.
 */
import type { DetectorId, Vote } from '../../src/shared/detectors.ts';

export type WeightLabel = {
  votes: readonly Vote[];
  isThreat: boolean;
  /** -log10 of the smallest weighed p-value from which on its like alerts under the model's own weights. */
  from: number;
};

export type Weighed = { id: DetectorId; weight: number };

/** The prior draws each logarithm of a weight back by this, and as much as this many verdicts say until there are more. */
const pull = 0.002;
const priorVerdicts = 400;
/** The threshold counts as this many labels of either class: a few verdicts say little, and of one class alone it is all there is to compare with. */
const atThreshold = 20;
/** Newest of each class: of all pairs of them, each step of the descent looks at every one. */
const mostOfClass = 200;
const steps = 50;
const stepSize = 4;
/** No detector is silenced, and none speaks for all: weights are parts of one, so that what one gains the others lose. */
const mostLoss = Math.log(16);
const mostGain = Math.log(2);
/** Less is no change. */
const leastChange = 0.02;

/** Of each detector 1 / p, over that of the threshold. */
type Ratios = Float64Array;

/** Null where verdicts change nothing. `labels` in the order the verdicts were given. */
export function learnWeights(
  own: readonly Weighed[],
  labels: readonly WeightLabel[],
): Partial<Record<DetectorId, number>> | null {
  const places = new Map(own.map(({ id }, place) => [id, place]));
  const ratiosOf = (isThreat: boolean): Ratios[] =>
    labels
      .filter((label) => label.isThreat === isThreat)
      .slice(-mostOfClass)
      .flatMap(({ votes, from }) => {
        const ratios = new Float64Array(own.length);
        for (const { detector, score } of votes) {
          const place = places.get(detector);
          if (place !== undefined) ratios[place] = 10 ** Math.min(score - from, 300);
        }
        return ratios.some((ratio) => ratio > 0) ? [ratios] : [];
      });
  const [threats, harmless] = [ratiosOf(true), ratiosOf(false)];
  const count = threats.length + harmless.length;
  if (count === 0) return null;
  const prior = pull * (1 + priorVerdicts / count);
  const change = new Float64Array(own.length);
  let weights = own.map(({ weight }) => weight);
  for (let step = 0; step < steps; step++) {
    const gradient = gradientOf(weights, threats, harmless);
    for (let place = 0; place < own.length; place++) {
      const moved = (change[place] ?? 0) - stepSize * (gradient[place] ?? 0);
      // The prior is taken at where the step ends: the fewer verdicts, the more it holds, and no step leaps over it.
      change[place] = Math.min(mostGain, Math.max(-mostLoss, moved / (1 + stepSize * prior)));
    }
    // Parts of one again: who did not vote keeps the proportion to the others.
    weights = own.map(({ weight }, place) => weight * Math.exp(change[place] ?? 0));
    const total = weights.reduce((all, weight) => all + weight, 0);
    weights = weights.map((weight) => weight / total);
  }
  const isChanged = own.some(
    ({ weight }, place) => Math.abs(Math.log((weights[place] ?? weight) / weight)) >= leastChange,
  );
  return isChanged ? Object.fromEntries(own.map(({ id }, place) => [id, weights[place] ?? 0])) : null;
}

/** Of the mean logistic loss of all pairs, by the logarithms of the weights. */
function gradientOf(weights: readonly number[], threats: readonly Ratios[], harmless: readonly Ratios[]): Float64Array {
  const summed = (ratios: Ratios): number =>
    ratios.reduce((sum, ratio, place) => sum + (weights[place] ?? 0) * ratio, 0);
  // A decade of p is a decade of odds, as in the fit of the threshold.
  const [threatOdds, harmlessOdds] = [threats.map(summed), harmless.map(summed)];
  const [up, down] = [new Float64Array(threats.length), new Float64Array(harmless.length)];
  for (let i = 0; i < threatOdds.length; i++) {
    const odds = threatOdds[i] ?? 0;
    let sum = atThreshold / (1 + odds);
    for (let j = 0; j < harmlessOdds.length; j++) {
      const other = harmlessOdds[j] ?? 0;
      const error = other / (odds + other);
      sum += error;
      down[j] = (down[j] ?? 0) + error;
    }
    up[i] = sum;
  }
  const gradient = new Float64Array(weights.length);
  const pairs = (threats.length + atThreshold) * (harmless.length + atThreshold);
  const add = (ratios: Ratios, sum: number, error: number): void => {
    for (let place = 0; place < ratios.length; place++)
      gradient[place] = (gradient[place] ?? 0) + (error * (weights[place] ?? 0) * (ratios[place] ?? 0)) / sum;
  };
  threats.forEach((ratios, i) => add(ratios, threatOdds[i] ?? 1, -(up[i] ?? 0) / pairs));
  harmless.forEach((ratios, j) => {
    const odds = harmlessOdds[j] ?? 0;
    add(ratios, odds, ((down[j] ?? 0) + (atThreshold * odds) / (1 + odds)) / pairs);
  });
  return gradient;
}
