/** @file A disk that is full in the middle of a run is told as such, and is not taken for a failure of what computes. */
import { expect, test, vi } from 'vitest';
import type * as atomic from '../../trainer/files/atomic.ts';
import { CheckpointFolder } from '../../trainer/files/checkpoint.ts';
import { exportModel } from '../../trainer/files/export.ts';
import type { Backend, BackendOptions, MicroBatch } from '../../trainer/train/backend.ts';
import { createBackend, markedBackend, type CreateBackend } from '../../trainer/train/providers.ts';
import { trainModel } from '../../trainer/train/train.ts';
import { randomParameters, temporaryDirectory, tinyShape, trainInput } from './models.ts';

const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
vi.mock('../../trainer/files/atomic.ts', async (original) => ({
  ...(await original<typeof atomic>()),
  replaceFile: () => Promise.reject(full),
  writeFileAtomic: () => Promise.reject(full),
}));

test('checkpoints and models that do not fit on the disk say so (an errno for a sentence)', async () => {
  const directory = await temporaryDirectory();
  const folder = new CheckpointFolder(directory, 'input');
  await expect(folder.write(1, {}, [])).rejects.toMatchObject({ code: 'STORE_FULL' });
  const exported = exportModel(directory, tinyShape, randomParameters(tinyShape, 1));
  await expect(exported).rejects.toMatchObject({ code: 'STORE_FULL' });
});

test('a checkpoint that cannot be written within a step ends the run (all of it again on the CPU)', async () => {
  const providers: string[] = [];
  const create: CreateBackend = (provider, options) => {
    providers.push(provider);
    return createBackend('cpu', options);
  };
  const recipe = { batchTokens: 40, countPerEntry: 4, accumulation: 2 };
  const checkpoint = { directory: await temporaryDirectory(), everyMs: 0 };
  const run = trainModel(trainInput('', { provider: 'webgpu', recipe, checkpoint }), {
    signal: new AbortController().signal,
    progress: () => undefined,
    create,
  });
  await expect(run).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(providers).toEqual(['webgpu']);
});

test('what a run throws between micro-batches passes as it is (a plain error taken for a failed GPU)', async () => {
  const done = (): Promise<void> => Promise.resolve();
  const step: Backend['step'] = ({ between }) => between().then(() => 0);
  const fake: Backend = { step, loss: () => Promise.resolve(0), download: done, upload: done, release: done };
  const backend = await markedBackend(() => Promise.resolve(fake), 'webgpu', {} as BackendOptions);
  const options = { batches: [], fill: () => ({}) as MicroBatch, step: 1, learningRate: 1 };
  await expect(backend.step({ ...options, between: () => Promise.reject(full) })).rejects.toBe(full);
});
