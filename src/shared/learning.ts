/** @file The settings of learning from verdicts: what decisions are worth, which rule moves the threshold, when to retrain, how much is explored. */
import { z } from 'zod';
import { decisionRewards, stakesOf } from './decisions.ts';

/** Under this key of the settings. */
export const learningKey = 'learning';

/** `conformal`: fitted to verdicts by what decisions are worth, within calibration's bounds. `tutorial`: up and down by a tenth, as mistakes are counted. */
export const thresholdPresets = ['conformal', 'tutorial'] as const;
export type ThresholdPreset = (typeof thresholdPresets)[number];

/** When a retraining is proposed without being asked for. */
export const retrainRules = ['off', 'after_32', 'nightly'] as const;
export type RetrainRule = (typeof retrainRules)[number];

const reward = z.number().min(-1000).max(1000);
const share = z.number().min(0).max(1);

export const learningSettings = z.strictObject({
  rewards: z
    .strictObject({ truePositive: reward, trueNegative: reward, falsePositive: reward, falseNegative: reward })
    .refine((rewards) => stakesOf(rewards).threat > 0, 'Finding a threat must be worth more than missing it.')
    .refine(
      (rewards) => stakesOf(rewards).harmless > 0,
      'Leaving the harmless alone must be worth more than a false alarm.',
    ),
  thresholdPreset: z.enum(thresholdPresets),
  retrainRule: z.enum(retrainRules),
  /** Share of what is shown to teach that is drawn at random: it starts at `share`, times `decay` with each retraining, and never falls below `floor`. */
  exploration: z
    .strictObject({ share, decay: share, floor: share })
    .refine((exploration) => exploration.floor <= exploration.share, 'The floor of exploration lies above its share.'),
});
export type LearningSettings = z.infer<typeof learningSettings>;

export const defaultLearning: LearningSettings = {
  rewards: decisionRewards,
  thresholdPreset: 'conformal',
  retrainRule: 'off',
  exploration: { share: 0.1, decay: 0.95, floor: 0.01 },
};

/** What is kept, and the defaults for what is not or no longer understood. */
export function learningOf(kept: unknown): LearningSettings {
  const read = learningSettings.partial().safeParse(kept ?? {});
  return read.success ? learningSettings.parse({ ...defaultLearning, ...read.data }) : defaultLearning;
}
