/** @file What the trainer process does when asked: `TrainerMethods` over the training engine. One training run at a time. */
import { stat } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { AppError } from '../src/shared/errors.ts';
import type { Handlers } from '../src/shared/port.ts';
import type { TrainerMethods } from '../src/shared/trainerProtocol.ts';
import { exportModel } from './files/export.ts';
import { fitThreshold } from './threshold.ts';
import { trainModel } from './train/train.ts';

type Run = { signal: AbortSignal; finished: Promise<unknown> };

export function createHandlers(): Handlers<TrainerMethods> {
  let current: Run | undefined;
  return {
    async train(input, context) {
      // A cancelled run still has its current step to finish; the caller, who has its answer already, need not know.
      while (current?.signal.aborted) await current.finished;
      if (current) throw new AppError('CONFLICT', 'A training run is under way; cancel it or wait for it.');
      const startMs = performance.now();
      const work = (async () => {
        await checkDirectory(input.directory);
        const { parameters, ...trained } = await trainModel(input, context);
        if (context.signal.aborted) throw new AppError('CANCELLED', 'Training was cancelled.');
        const files = await exportModel(input.directory, input.shape, parameters);
        return { ...trained, files, elapsedMs: performance.now() - startMs };
      })();
      const run: Run = { signal: context.signal, finished: work.catch(() => undefined) };
      current = run;
      try {
        return await work;
      } finally {
        if (current === run) current = undefined;
      }
    },
    fit_threshold: (input) => fitThreshold(input),
  };
}

/** Better known before minutes of training than after. */
async function checkDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) throw new AppError('BAD_REQUEST', `The model folder ${directory} does not exist.`);
}
