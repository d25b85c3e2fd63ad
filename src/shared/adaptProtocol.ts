/** @file What main asks of the adapting process (`trainer/adapt.ts`), which answers a verdict at once, and what comes back. Carried by `port.ts`. */
import type { DecisionRewards } from './decisions.ts';

/** One decided alert as the threshold sees it. `score` is -log10 p. */
export type LabelledScore = { score: number; isThreat: boolean };

export type FitThresholdInput = {
  labelled: LabelledScore[];
  /** -log10 of the alpha that the alert budget gives; the prior is centred on it. */
  budgetScore: number;
  /** How far verdicts may move the threshold from the budget, in -log10 p, each way. */
  maxShift: number;
  rewards: DecisionRewards;
};

export type FitThresholdOutput = {
  thresholdScore: number;
  /** Labelled alerts on the wrong side of it. */
  missedThreats: number;
  falseAlarms: number;
};

export type AdaptMethods = {
  fit_threshold: { input: FitThresholdInput; output: FitThresholdOutput };
};
