/**
 * @file What a score costs, given the verdict: the exact expected reward of the flag decision, and the KTO form. Both only push the score
 * across the threshold (threats up, harmless down), never the likelihood of the text as such (science.md 4.4, 7.5).
 */
import { stakesOf, type DecisionRewards } from '../../src/shared/decisions.ts';

/** Rewards that make a weight of 1: with the default table a threat weighs 2.0 and what is harmless 0.6, as it was measured. */
const rewardUnit = 10;
/**
 * In temperatures: from so far on the wrong side on, log-loss takes the place of the sigmoid, whose slope would vanish. It goes on from the
 * sigmoid's value and slope. (Joined at 4 and with its full weight, as in science.md 7.5, it is 55 times as steep there: a threat eight
 * temperatures below then made the normal sequences of a small model 5, 60 and 84 % less likely in the first of five epochs, at rates of
 * 1e-4, 3e-4 and 1e-3; so joined 0.7, 0.7 and 2 %, and the threat came as high in the end.)
 */
const far = 2;
/** In temperatures: so far on the right side there is nothing to gain, and a decision that is right causes no change. */
const settled = 4;

export type Loss = { value: number; slope: number };

/** What the decision about a threat, or about what is none, weighs. */
function weightOf(isThreat: boolean, rewards: DecisionRewards): number {
  const { threat, harmless } = stakesOf(rewards);
  return (isThreat ? threat : harmless) / rewardUnit;
}

/** Minus the expected reward of flagging with probability sigmoid((score - threshold) / temperature), a constant left out. */
export function expectedRewardLoss(
  score: number,
  isThreat: boolean,
  { threshold, temperature, rewards }: { threshold: number; temperature: number; rewards: DecisionRewards },
): Loss {
  const sign = isThreat ? -1 : 1; // the loss falls as a threat's score rises
  const weight = weightOf(isThreat, rewards);
  const wrong = (sign * (score - threshold)) / temperature; // positive on the wrong side
  if (wrong < -settled) return { value: 0, slope: 0 };
  const { value, slope } = wrong > far ? logLossBeyond(wrong) : decision(wrong);
  return { value: weight * (value - sigmoid(-settled)), slope: (sign * weight * slope) / temperature };
}

function decision(wrong: number): Loss {
  const flag = sigmoid(wrong);
  return { value: flag, slope: flag * (1 - flag) };
}

function logLossBeyond(wrong: number): Loss {
  const scale = 1 - sigmoid(far);
  return { value: sigmoid(far) + scale * (softplus(wrong) - softplus(far)), slope: scale * sigmoid(wrong) };
}

/** As KTO's value function over the log-ratio to the reference, per token: `referenceScore - score`, against that of normal sequences. */
export function ktoLoss(
  score: number,
  isThreat: boolean,
  options: { referenceScore: number; replayRatio: number; temperature: number; rewards: DecisionRewards },
): Loss {
  const { referenceScore, replayRatio, temperature, rewards } = options;
  const sign = isThreat ? -1 : 1;
  const weight = weightOf(isThreat, rewards);
  const gained = sigmoid((sign * (referenceScore - score - replayRatio)) / temperature);
  return { value: weight * (1 - gained), slope: (sign * weight * gained * (1 - gained)) / temperature };
}

export function rewardOf(score: number, isThreat: boolean, threshold: number, rewards: DecisionRewards): number {
  if (score >= threshold) return isThreat ? rewards.truePositive : rewards.falsePositive;
  return isThreat ? rewards.falseNegative : rewards.trueNegative;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
