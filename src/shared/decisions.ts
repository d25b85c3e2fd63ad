/** @file What decisions are worth, and the rule that follows: when it pays to flag. */

/** Of flagging or not, where there is a threat and where there is none. */
export type DecisionRewards = {
  truePositive: number;
  trueNegative: number;
  falsePositive: number;
  falseNegative: number;
};

/** The costs that an analyst starts from. */
export const decisionRewards: DecisionRewards = {
  truePositive: 10,
  trueNegative: 1,
  falsePositive: -5,
  falseNegative: -10,
};

/** How much it matters to decide rightly about a threat, and about what is none: 20 and 6 by default. Only these two count. */
export function stakesOf({ truePositive, trueNegative, falsePositive, falseNegative }: DecisionRewards): {
  threat: number;
  harmless: number;
} {
  return { threat: truePositive - falseNegative, harmless: trueNegative - falsePositive };
}

/** To flag pays where the probability of a threat is above this: 6/26 by default. Wants both stakes above 0. */
export function flagAbove(rewards: DecisionRewards): number {
  const { threat, harmless } = stakesOf(rewards);
  return harmless / (threat + harmless);
}
