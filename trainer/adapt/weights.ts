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

/** Of the labels of one class: of each detector that votes for any of them 1 / p label by label, over that of the threshold. */
type Ratios = { count: number; columns: readonly { place: number; ratios: Float64Array }[] };

/** Null where verdicts change nothing. `labels` in the order the verdicts were given. */
export function learnWeights(
  own: readonly Weighed[],
  labels: readonly WeightLabel[],
): Partial<Record<DetectorId, number>> | null {
  const ofClass = (isThreat: boolean): Ratios =>
    ratiosOf(
      own,
      labels.filter((label) => label.isThreat === isThreat),
    );
  const [threats, harmless] = [ofClass(true), ofClass(false)];
  const count = threats.count + harmless.count;
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

/** Of the newest `labels`, but those that no detector votes for. */
function ratiosOf(own: readonly Weighed[], labels: readonly WeightLabel[]): Ratios {
  const places = new Map(own.map(({ id }, place) => [id, place]));
  const voted = labels
    .slice(-mostOfClass)
    .map(({ votes, from }) =>
      votes
        .map(({ detector, score }) => ({ place: places.get(detector), ratio: 10 ** Math.min(score - from, 300) }))
        .filter(({ place, ratio }) => place !== undefined && ratio > 0),
    )
    .filter((votes) => votes.length > 0);
  const columns = own.map((_, place) => ({ place, ratios: new Float64Array(voted.length) }));
  voted.forEach((votes, label) => {
    for (const { place = 0, ratio } of votes) columns[place]?.ratios.fill(ratio, label, label + 1);
  });
  return { count: voted.length, columns: columns.filter(({ ratios }) => ratios.some((ratio) => ratio > 0)) };
}

/** Of the mean logistic loss of all pairs, by the logarithms of the weights. */
function gradientOf(weights: readonly number[], threats: Ratios, harmless: Ratios): Float64Array {
  // A decade of p is a decade of odds, as in the fit of the threshold.
  const [odds, others] = [oddsOf(weights, threats), oddsOf(weights, harmless)];
  const pairs = (threats.count + atThreshold) * (harmless.count + atThreshold);
  const [up, down] = [new Float64Array(threats.count), new Float64Array(harmless.count)];
  for (let i = 0; i < up.length; i++) {
    const own = odds[i] ?? 0;
    let sum = atThreshold / (1 + own);
    for (let j = 0; j < down.length; j++) {
      const other = others[j] ?? 0;
      const error = other / (own + other);
      sum += error;
      down[j] = (down[j] ?? 0) + error;
    }
    up[i] = -sum / pairs;
  }
  for (let j = 0; j < down.length; j++) {
    const own = others[j] ?? 0;
    down[j] = ((down[j] ?? 0) + (atThreshold * own) / (1 + own)) / pairs;
  }
  const gradient = new Float64Array(weights.length);
  const add = ({ columns }: Ratios, errors: Float64Array, sums: Float64Array): void => {
    for (const { place, ratios } of columns) {
      const weight = weights[place] ?? 0;
      let sum = gradient[place] ?? 0;
      for (let i = 0; i < ratios.length; i++) sum += ((errors[i] ?? 0) * weight * (ratios[i] ?? 0)) / (sums[i] ?? 1);
      gradient[place] = sum;
    }
  };
  add(threats, up, odds);
  add(harmless, down, others);
  return gradient;
}

function oddsOf(weights: readonly number[], { count, columns }: Ratios): Float64Array {
  const odds = new Float64Array(count);
  for (const { place, ratios } of columns) {
    const weight = weights[place] ?? 0;
    for (let i = 0; i < count; i++) odds[i] = (odds[i] ?? 0) + weight * (ratios[i] ?? 0);
  }
  return odds;
}
