/** @file Long work: learning, scoring, the demo, and the jobs that do it. */
import { z } from 'zod';
import type { Job } from '../jobs.ts';
import type { TrainProgress } from '../trainerProtocol.ts';
import { budget, nothing, returns, rowId, seed, uid } from './parts.ts';

export const jobsRoutes = {
  'learn.start': returns<{ jobId: string }>().from(
    z.strictObject({
      sourceIds: z.array(rowId).min(1).max(1000),
      budget: budget.optional(),
      seed: seed.optional(),
      /** Nothing is trained: in use after some seconds, by what can be counted. */
      countsOnly: z.boolean().optional(),
    }),
  ),
  'score.start': returns<{ jobId: string }>().from(z.strictObject({ sourceIds: z.array(rowId).min(1).max(1000) })),
  'demo.start': returns<{ jobId: string }>().from(nothing),
  'jobs.list': returns<Job[]>().from(nothing),
  'jobs.cancel': returns<Job>().from(z.strictObject({ jobId: uid })),
  /** The points of its training so far, for a window that opens in the middle: the last of each epoch, and the newest. */
  'jobs.curve': returns<TrainProgress[]>().from(z.strictObject({ jobId: uid })),
  /** Answers when training stands still, at most one step later. Refused (CONFLICT) for a job that does not train just now. */
  'jobs.pause': returns<Job>().from(z.strictObject({ jobId: uid })),
  'jobs.resume': returns<Job>().from(z.strictObject({ jobId: uid })),
};
