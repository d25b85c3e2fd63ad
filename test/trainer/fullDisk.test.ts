/** @file A disk that is full in the middle of a run is told as such, and is not taken for a failure of what computes. */
import { expect, test, vi } from 'vitest';
import { CheckpointFolder } from '../../trainer/files/checkpoint.ts';
import { exportModel } from '../../trainer/files/export.ts';
import { createBackend, type CreateBackend } from '../../trainer/train/providers.ts';
import { trainModel } from '../../trainer/train/train.ts';
import { randomParameters, temporaryDirectory, tinyShape, trainInput } from './models.ts';

const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
vi.mock('../../trainer/files/atomic.ts', async (original) => ({
  ...(await original<typeof import('../../trainer/files/atomic.ts')>()),
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
  const create: CreateBackend = (_provider, options) =>
    createBackend('cpu', options).then((backend) => ({
      step: async ({ between }) => {
        await between();
        return 0;
      },
      loss: (...asked) => backend.loss(...asked),
      download: () => backend.download(),
      upload: () => backend.upload(),
      release: () => backend.release(),
    }));
  const progress = (): void => {
    throw full;
  };
  const run = trainModel(trainInput('', { provider: 'webgpu' }), {
    signal: new AbortController().signal,
    progress,
    create,
  });
  await expect(run).rejects.toBe(full);
});
