/** @file Retraining from verdicts, and its gate. */
import { z } from 'zod';
import type { RetrainPlan, Retraining } from '../retraining.ts';
import { nothing, returns, seed, uid } from './parts.ts';

export const retrainingRoutes = {
  /** What a retraining of the model in use would learn from now. */
  'retrain.plan': returns<RetrainPlan>().from(nothing),
  /**
   * Starts a retraining job beside other work. Refused (BAD_INPUT) with what is missing, (CONFLICT) while one is under way or a model waits for a
   * decision.
   */
  'retrain.start': returns<{ jobId: string }>().from(z.strictObject({ seed: seed.optional() })),
  /** Newest first, with those that were adopted or discarded. */
  'retrain.list': returns<Retraining[]>().from(nothing),
  'retrain.get': returns<Retraining>().from(z.strictObject({ modelId: uid })),
  /**
   * Puts a proposed model in use; logs that the model before had scored are scored again by the job. Refused (CONFLICT) where the gate is against it
   * and `override` is not its sentence.
   */
  'retrain.adopt': returns<{ retraining: Retraining; jobId: string | null }>().from(
    z.strictObject({ modelId: uid, override: z.string().max(500).nullable().default(null) }),
  ),
  'retrain.discard': returns<Retraining>().from(z.strictObject({ modelId: uid })),
  /** Back to an earlier model with its threshold and calibration; left out: the one that was in use before. */
  'retrain.rollback': returns<{ modelId: string; modelNumber: number; jobId: string | null }>().from(
    z.strictObject({ modelId: uid.optional() }),
  ),
};
