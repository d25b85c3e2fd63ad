/** @file What the routes of jobs do: learning, scoring and the demo as they are asked for, and what becomes of them. */
import { AppError } from '../../../shared/errors.ts';
import type { jobsRoutes } from '../../../shared/routes/jobs.ts';
import type { AppParts } from '../createApp.ts';
import type { RouteHandlers } from '../router.ts';
import type { HandlerCommon } from './common.ts';

export function jobHandlers(
  { jobs, work }: AppParts,
  { sourceNames }: HandlerCommon,
): Pick<RouteHandlers, keyof typeof jobsRoutes> {
  return {
    'learn.start': async ({ sourceIds, ...options }) => {
      const { jobId } = await work.startLearn({ sourceIds }, options, await sourceNames(sourceIds));
      return { jobId };
    },
    'score.start': async ({ sourceIds }) => {
      const { jobId } = await work.startScore(sourceIds, await sourceNames(sourceIds));
      return { jobId };
    },
    'demo.start': async () => {
      if (jobs.isRunning('demo')) throw new AppError('CONFLICT', 'The demo is being made already.');
      const { jobId } = await work.startDemo();
      return { jobId };
    },
    'jobs.list': () => jobs.list(),
    'jobs.cancel': ({ jobId }) => work.cancel(jobId),
    'jobs.curve': ({ jobId }) => jobs.curveOf(jobId),
    'jobs.pause': ({ jobId }) => work.pause(jobId),
    'jobs.resume': ({ jobId }) => work.resume(jobId),
  };
}
