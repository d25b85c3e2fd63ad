/** @file Jobs of the app run to their end, with their progress on stderr. */
import type { Job } from '../../shared/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { App } from '../app/createApp.ts';
import type { JobContext, NewJob } from '../app/jobs.ts';
import { ProgressLine } from './progress.ts';

/** Shows the progress of what runs on stderr while `work` does it. */
async function showingProgress<T>(app: App, work: () => Promise<T>): Promise<T> {
  const line = new ProgressLine();
  const { host } = app.parts.services;
  const unsubscribe = app.subscribe((event) => {
    if (event.topic === 'job.changed' && event.data.state === 'running') line.show(event.data, host.now());
  });
  try {
    return await work();
  } finally {
    unsubscribe();
    line.end();
  }
}

/** Waits for a job that the store keeps: cut off, the same command goes on with it. Throws what its work threw. */
export function finishJob(app: App, starting: Promise<{ jobId: string; finished: Promise<Job> }>): Promise<Job> {
  return showingProgress(app, async () => {
    const { jobId, finished } = await starting;
    const job = await finished;
    if (job.state === 'done') return job;
    throw app.parts.jobs.failureOf(jobId) ?? new AppError('CANCELLED', 'Cancelled.');
  });
}

/** Runs work of a command's own as a job: what it is to write is the command's alone, so only the command does it again. */
export async function runJob<T>(
  app: App,
  job: Pick<NewJob, 'kind' | 'subject'>,
  work: (job: JobContext) => Promise<T>,
): Promise<T> {
  return showingProgress(app, async () => {
    let outcome: { value: T } | undefined;
    const { jobId, finished } = app.parts.jobs.start(job, async (context) => {
      outcome = { value: await work(context) };
      return '';
    });
    await finished;
    if (outcome) return outcome.value;
    throw app.parts.jobs.failureOf(jobId) ?? new AppError('CANCELLED', 'Cancelled.');
  });
}
