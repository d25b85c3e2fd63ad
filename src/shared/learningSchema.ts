/** @file What may be set of learning, or is meant, for the routes that say so and for what was kept. */
import { z } from 'zod';
import type { LearningWarning } from './adaptProtocol.ts';
import { stakesOf } from './decisions.ts';
import { detectorIds } from './detectors.ts';
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

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** One that was seen and is meant. */
export const learningWarning = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('weight'), detector: z.enum(detectorIds), share: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal('family'), family: z.string().max(200), count }),
  z.strictObject({ kind: z.literal('threats'), count }),
]) satisfies z.ZodType<LearningWarning>;

/** What was kept, completed by the defaults; the defaults alone where it makes no sense. */
export function learningOf(kept: unknown): LearningSettings {
  const read = learningSettings.safeParse({ ...defaultLearning, ...(kept as object | null) });
  return read.success ? read.data : defaultLearning;
}
