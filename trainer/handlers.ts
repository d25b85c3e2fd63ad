/** @file What the trainer process does when asked: `TrainerMethods` over the training engine. One training run at a time. */
import { stat } from 'node:fs/promises';
import { AppError } from '../src/shared/errors.ts';
import type { Handlers } from '../src/shared/port.ts';
import type { TrainerMethods } from '../src/shared/trainerProtocol.ts';
import { exportModel } from './files/export.ts';
import { exportText } from './gpt2/exportText.ts';
import { importText } from './gpt2/importText.ts';
import { fitThreshold } from './threshold.ts';
import { trainTokenizer } from './tokenizer/train.ts';
import { Gate } from './train/gate.ts';
import { trainModel } from './train/train.ts';

type Run = { signal: AbortSignal; gate: Gate; finished: Promise<unknown> };

export function createHandlers(): Handlers<TrainerMethods> {
  let current: Run | undefined;
  const running = (): Run => {
    if (!current) throw new AppError('CONFLICT', 'No training run is under way.');
    return current;
  };
  return {
    async train(input, context) {
      // A cancelled run still has its current step to finish; the caller, who has its answer already, need not know.
      while (current?.signal.aborted) await current.finished;
      if (current) throw new AppError('CONFLICT', 'A training run is under way; cancel it or wait for it.');
      const gate = new Gate();
      const work = (async () => {
        await checkDirectory(input.directory);
        const { parameters, ...trained } = await trainModel(input, { ...context, gate });
        if (context.signal.aborted) throw new AppError('CANCELLED', 'Training was cancelled.');
        const files = await exportModel(input.directory, input.shape, parameters);
        return { ...trained, files };
      })();
      const run: Run = { signal: context.signal, gate, finished: work.catch(() => undefined) };
      current = run;
      try {
        return await work;
      } finally {
        gate.end();
        if (current === run) current = undefined;
      }
    },
    pause: () => running().gate.pause(),
    resume: () => {
      running().gate.resume();
      return undefined;
    },
    fit_threshold: (input) => fitThreshold(input),
    import_text: (input, context) => importText(input, context),
    export_text: (input) => exportText(input),
    // Seconds, and it lets messages in all the while: it need not wait for a training run.
    train_tokenizer: (input, context) => trainTokenizer(input, context),
  };
}

/** Better known before minutes of training than after. */
async function checkDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) throw new AppError('BAD_REQUEST', `The model folder ${directory} does not exist.`);
}
