/** @file Models, their training, and the thresholds they judge by. */
import { z } from 'zod';
import { type Continuation, type Model, type TrainingEstimate, keyModelSizes } from '../models.ts';
import type { RunShare, Threshold, ThresholdVersion } from '../thresholds.ts';
import type { Status } from '../workspace.ts';
import { textReads } from '../textModels.ts';
import { trainProviders } from '../trainerProtocol.ts';
import { budget, nothing, returns, rowId, seed, title, uid } from './parts.ts';

const preset = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('budget') }),
  /** Null: half of the kinds that the model knows. */
  z.strictObject({ kind: z.literal('top_k'), k: z.number().int().min(1).max(1_000_000).nullable() }),
  z.strictObject({ kind: z.literal('tutorial') }),
]);
/** What a text model is trained on. */
const reads = z.enum(textReads);
/** `provider` left out: the GPU where it was tried, agrees and is faster, else the CPU. */
const trainingPlan = z.strictObject({
  sourceIds: z.array(rowId).min(1).max(1000),
  plan: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('keys'), size: z.enum(keyModelSizes) }),
    z.strictObject({ kind: z.literal('text'), name: title, reads: reads.default('lines') }),
    z.strictObject({
      kind: z.literal('fine_tune'),
      name: title,
      reads: reads.default('lines'),
      parentId: uid,
      method: z.enum(['lora', 'full']),
    }),
  ]),
  maxEpochs: z.number().int().min(1).max(200).optional(),
  seed: seed.optional(),
  provider: z.enum(trainProviders).optional(),
});

export const modelsRoutes = {
  /**
   * How events are judged from now on, also by the model in use. Refused (CONFLICT) where that one cannot; unless nothing could be learned with
   * the preset, it is kept all the same for what is learned from now on.
   */
  'presets.choose': returns<Status['preset']>().from(z.strictObject({ preset })),
  /** The newest, newest first; the one in force is among them however old it is. */
  'thresholds.list': returns<ThresholdVersion[]>().from(nothing),
  'thresholds.set_budget': returns<Threshold>().from(z.strictObject({ budget })),
  /** What came of the threshold that judged each log last, by the model in use. */
  'thresholds.runs': returns<RunShare[]>().from(nothing),
  /** Whether the threshold follows slow changes of logs that are followed, within bounds; each move is a version. */
  'thresholds.set_following': returns<{ isOn: boolean }>().from(z.strictObject({ isOn: z.boolean() })),
  /** Puts an earlier version in force again, as a new version. */
  'thresholds.revert': returns<Threshold>().from(z.strictObject({ version: z.number().int().min(1) })),
  'models.list': returns<Model[]>().from(nothing),
  /** With the threshold it had last; logs whose alerts are by the model before are scored again by the job. */
  'models.use': returns<{ models: Model[]; jobId: string | null }>().from(z.strictObject({ modelId: uid })),
  /** No text model reads lines, or windows, for the models that are learned from now on. */
  'models.read_without': returns<Model[]>().from(z.strictObject({ reads })),
  /** Some seconds: reads part of the logs and does a few steps. Refused (CONFLICT) while training is under way. */
  'models.estimate': returns<TrainingEstimate>().from(trainingPlan),
  /** Starts a training job beside other work. What it makes is kept, and in use only when somebody says so. */
  'models.train': returns<{ jobId: string }>().from(trainingPlan),
  /** Its files go, its card stays in the audit. Refused (CONFLICT) for the model in use and for one that is being trained. */
  'models.delete': returns<Model[]>().from(z.strictObject({ modelId: uid })),
  /** How one or two text models go on with the same line; the same seed gives the same. */
  'models.continue': returns<Continuation[]>().from(
    z.strictObject({
      modelIds: z.array(uid).min(1).max(2),
      text: z.string().min(1).max(2000),
      mostTokens: z.number().int().min(1).max(50).default(50),
      temperature: z.number().min(0).max(10).default(0.7),
      seed: seed.default(1),
    }),
  ),
};
