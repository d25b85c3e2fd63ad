/** @file What may be set of learning, for the route that sets it and for what was kept. */
import { z } from 'zod';
import { stakesOf } from './decisions.ts';
import { defaultLearning, retrainRules, thresholdPresets, type LearningSettings } from './learning.ts';

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
  exploration: z
    .strictObject({ share, decay: share, floor: share })
    .refine((exploration) => exploration.floor <= exploration.share, 'The floor of exploration lies above its share.'),
});

/** What was kept, completed by the defaults; the defaults alone where it makes no sense. */
export function learningOf(kept: unknown): LearningSettings {
  const read = learningSettings.safeParse({ ...defaultLearning, ...(kept as object | null) });
  return read.success ? read.data : defaultLearning;
}
