/**
 * @file Where to alert, from the analyst's verdicts: the threshold that the alert budget asks for, moved by a logistic regression with
 * a Gaussian prior. Every decided alert counts; no verdict can move the threshold the wrong way.
 */
import { flagAbove, type DecisionRewards } from '../../src/shared/decisions.ts';
import { AppError } from '../../src/shared/errors.ts';

/** One decided alert as the threshold sees it. `score` is -log10 p. */
export type LabelledScore = { score: number; isThreat: boolean };

export type FitThresholdInput = {
  labelled: readonly LabelledScore[];
  /** -log10 of the alpha that the alert budget gives; the prior is centred on it. */
  budgetScore: number;
  /** How far verdicts may move the threshold from the budget, in -log10 p, each way. */
  maxShift: number;
  rewards: DecisionRewards;
};

/**
 * Log-odds per unit of score, fixed at one decade of odds per decade of p. Under "harmless" p is uniform, so a threat's odds against it
 * grow as 1/p. Fixed, because a fitted slope would let one verdict far away tilt the line, and a confirmed threat could then raise the
 * threshold; with the location alone the loss is convex and each verdict pushes in one direction only.
 */
const slope = Math.LN10;
/** The prior weighs as much as this many verdicts right at the threshold. */
const priorVerdicts = 20;

/** Throws BAD_REQUEST where a number is not finite or `maxShift` is negative. Without labels the answer is exactly `budgetScore`. */
export function fitThreshold(input: FitThresholdInput): number {
  const { labelled, budgetScore, maxShift } = input;
  if (![budgetScore, ...labelled.map(({ score }) => score)].every(Number.isFinite)) {
    throw new AppError('BAD_REQUEST', 'The threshold cannot be fitted: a score is not a finite number.');
  }
  if (!(maxShift >= 0)) throw new AppError('BAD_REQUEST', `The threshold cannot be fitted: maxShift is ${maxShift}.`);
  return labelled.length === 0 ? budgetScore : fitted(input);
}

function fitted({ labelled, budgetScore, maxShift, rewards }: FitThresholdInput): number {
  // Flagging pays where P(threat) exceeds this.
  const costThreshold = flagAbove(rewards);
  const logitAtThreshold = Math.log(costThreshold / (1 - costThreshold));
  const priorPrecision = priorVerdicts * slope * slope * costThreshold * (1 - costThreshold);
  const [lowest, highest] = [budgetScore - maxShift, budgetScore + maxShift];
  const lowestThreat = labelled.reduce(
    (least, { score, isThreat }) => (isThreat ? Math.min(least, score) : least),
    Infinity,
  );
  // The slope of the negative log posterior rises with the location, so bisection finds its zero: the posterior mode.
  const slopeAt = (location: number): number => {
    let sum = priorPrecision * (location - budgetScore);
    for (const { score, isThreat } of labelled) {
      const threat = 1 / (1 + Math.exp(-(slope * (score - location) + logitAtThreshold)));
      sum += slope * ((isThreat ? 1 : 0) - threat);
    }
    return sum;
  };
  let [low, high] = [lowest, highest];
  for (let i = 0; i < 60 && low < high; i++) {
    const middle = (low + high) / 2;
    if (slopeAt(middle) < 0) low = middle;
    else high = middle;
  }
  // A threat that the analyst confirmed must be found again, as far as the clamp lets it.
  return Math.min(Math.max(Math.min((low + high) / 2, lowestThreat), lowest), highest);
}
