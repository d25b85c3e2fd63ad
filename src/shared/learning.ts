/** @file The settings of learning from verdicts: what decisions are worth, which rule moves the threshold, when to retrain, how much is explored. */
import { decisionRewards, type DecisionRewards } from './decisions.ts';

/** Under this key of the settings. */
export const learningKey = 'learning';

/** `conformal`: fitted to verdicts by what decisions are worth, within calibration's bounds. `tutorial`: up and down by a tenth, as mistakes are counted. */
export const thresholdPresets = ['conformal', 'tutorial'] as const;
export type ThresholdPreset = (typeof thresholdPresets)[number];

/** When a retraining is proposed without being asked for. */
export const retrainRules = ['off', 'after_32', 'nightly'] as const;
export type RetrainRule = (typeof retrainRules)[number];

export type LearningSettings = {
  rewards: DecisionRewards;
  thresholdPreset: ThresholdPreset;
  retrainRule: RetrainRule;
  /** Share of what is shown to teach that is drawn at random: it starts at `share`, times `decay` with each retraining, and never falls below `floor`. */
  exploration: { share: number; decay: number; floor: number };
};

export const defaultLearning: LearningSettings = {
  rewards: decisionRewards,
  thresholdPreset: 'conformal',
  retrainRule: 'off',
  exploration: { share: 0.1, decay: 0.95, floor: 0.01 },
};
