/**
 * @file What a score costs, given the verdict: the exact expected reward of the flag decision, and the KTO form. Both only push the score
 * across the threshold (threats up, harmless down), never the likelihood of the text as such (science.md 4.4, 7.5).
 */
import { decisionRewards, type VerdictObjective } from '../../src/shared/alignProtocol.ts';

const { truePositive, falseNegative, trueNegative, falsePositive } = decisionRewards;
/** What the decision matters, in units of ten rewards, as it was measured: 2.0 and 0.6. */
const threatWeight = (truePositive - falseNegative) / 10;
const harmlessWeight = (trueNegative - falsePositive) / 10;
/** Temperatures away from the threshold at which the sigmoid has no slope left to speak of. */
const far = 4;

export type Loss = { value: number; slope: number };
type Sharpness = Pick<VerdictObjective, 'threshold' | 'temperature'>;

/**
 * Minus the expected reward of flagging with probability sigmoid((score - threshold) / temperature), a constant left out. Far on the wrong
 * side its slope would vanish, and log-loss takes its place; far on the right side there is nothing to gain, and the slope is zero.
 */
export function expectedRewardLoss(score: number, isThreat: boolean, { threshold, temperature }: Sharpness): Loss {
  const sign = isThreat ? -1 : 1; // the loss falls as a threat's score rises
  const weight = isThreat ? threatWeight : harmlessWeight;
  const wrong = (sign * (score - threshold)) / temperature; // positive on the wrong side
  if (wrong < -far) return { value: 0, slope: 0 };
  const flag = sigmoid(wrong);
  if (wrong > far) return { value: weight * softplus(wrong), slope: (sign * weight * flag) / temperature };
  return { value: weight * flag, slope: (sign * weight * flag * (1 - flag)) / temperature };
}

/** As KTO's value function over the log-ratio to the reference, per token: `referenceScore - score`, against that of normal sequences. */
export function ktoLoss(
  score: number,
  isThreat: boolean,
  { referenceScore, replayRatio, temperature }: { referenceScore: number; replayRatio: number; temperature: number },
): Loss {
  const sign = isThreat ? -1 : 1;
  const weight = isThreat ? threatWeight : harmlessWeight;
  const gained = sigmoid((sign * (referenceScore - score - replayRatio)) / temperature);
  return { value: weight * (1 - gained), slope: (sign * weight * gained * (1 - gained)) / temperature };
}

export function rewardOf(score: number, isThreat: boolean, threshold: number): number {
  if (score >= threshold) return isThreat ? truePositive : falsePositive;
  return isThreat ? falseNegative : trueNegative;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
