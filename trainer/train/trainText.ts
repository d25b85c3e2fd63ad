/** @file Trains or fine-tunes a text model and writes its folder, as an import writes it. */
import { basename } from 'node:path';
import { AppError } from '../../src/shared/errors.ts';
import type { TrainTextInput, TrainTextOutput } from '../../src/shared/textModels.ts';
import { writingTo } from '../files/diskErrors.ts';
import { readParameter } from '../files/startWeights.ts';
import { TensorFile } from '../files/tensorFile.ts';
import { LoraMerger } from '../gpt2/lora.ts';
import { writeTextModel, type TextModelContent } from '../gpt2/textFolder.ts';
import type { TrainContext } from './run.ts';
import type { TrainTask } from './task.ts';
import { textTask } from './textTask.ts';
import { runTask } from './train.ts';

/** Throws as `textTask` and `runTask`. */
export async function trainText(input: TrainTextInput, context: TrainContext): Promise<TrainTextOutput> {
  const { task, shape, tokenizerJson } = await textTask(input);
  const { parameters, ...result } = await runTask(task, context);
  if (context.signal.aborted) throw new AppError('CANCELLED', 'Training was cancelled.');
  const files = await withValues(task, parameters, (values) =>
    writingTo(input.directory, () => writeTextModel(input.directory, { shape, tokenizerJson, values })),
  );
  return { ...result, shape, files };
}

/** The model's parameters after training, one at a time: with adapters those it started from, read again, with what was trained merged in. */
async function withValues<T>(
  { shape, lora, startWeights }: TrainTask,
  trained: Float32Array,
  work: (values: TextModelContent['values']) => Promise<T>,
): Promise<T> {
  if (!lora || startWeights === undefined) return work(({ offset, size }) => [trained.subarray(offset, offset + size)]);
  const merger = new LoraMerger(shape, lora, trained);
  const file = await TensorFile.open(startWeights, basename(startWeights));
  try {
    return await work(async function* (spec) {
      const values = new Float32Array(spec.size);
      await readParameter(file, spec, values);
      merger.merge(spec, values);
      yield values;
    });
  } finally {
    await file.close();
  }
}
