/** @file A learning that may be cut off, as it has left a checkpoint; and that one goes on from there. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/shared/jobs.ts';
import type { TestApp } from './app.ts';

/** Resolves when a checkpoint is there; training goes on. */
export async function learnToCheckpoint(
  test: TestApp,
  sourceId: number,
): Promise<{ jobId: string; checkpoints: string }> {
  const { jobId } = await test.ask('learn.start', { sourceIds: [sourceId], seed: 1 });
  let id: string | undefined;
  while (id === undefined) id = (await test.ask('models.list', {})).find(({ state }) => state === 'training')?.id;
  const checkpoints = join(test.app.parts.services.directory, 'models', id, 'checkpoints');
  const isLeft = (): boolean =>
    existsSync(checkpoints) && readdirSync(checkpoints).some((name) => name.endsWith('.checkpoint'));
  await test.next('job.changed', (job) => job.id === jobId && isLeft());
  return { jobId, checkpoints };
}

/** Asked for before what is cut off is finished. */
export function wentOn(test: TestApp): Promise<Job> {
  return test.next('job.changed', ({ step }) => step.includes('went on from step'));
}
