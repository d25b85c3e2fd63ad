/** @file Trains a classifier of windows and writes its folder. The run is the one that trains every other model. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/shared/errors.ts';
import type { ModelFile, TrainInput, TrainOutput } from '../../src/shared/trainerProtocol.ts';
import { syncDirectory, writeFileAtomic } from '../files/atomic.ts';
import { writingTo } from '../files/diskErrors.ts';
import { writeSafetensors } from '../files/safetensors.ts';
import { gpt2Parameters, type NetworkShape } from '../gpt2/spec.ts';
import type { TrainContext } from '../train/run.ts';
import { keyTask, type TrainTask } from '../train/task.ts';
import { runTask } from '../train/train.ts';
import { buildClassifyModel } from './graph.ts';

/** On the CPU, whatever is asked for: a graph for WebGPU has labels in another form, and a window is small. */
export function classifierTask(input: Omit<TrainInput, 'directory'>): TrainTask {
  const task = keyTask({ ...input, provider: 'cpu' });
  const shape: NetworkShape = { ...task.shape, isClassifier: true };
  return { ...task, shape };
}

/** Throws as `runTask`. */
export async function trainClassifier(input: TrainInput, context: TrainContext): Promise<TrainOutput> {
  const task = classifierTask(input);
  const { parameters, ...result } = await runTask(task, context);
  if (context.signal.aborted) throw new AppError('CANCELLED', 'Training was cancelled.');
  return { ...result, files: await exportClassifier(input.directory, task.shape, parameters) };
}

/** Last `shape.json`: where that exists, the model is whole. */
export function exportClassifier(
  directory: string,
  shape: NetworkShape,
  parameters: Float32Array,
): Promise<ModelFile[]> {
  const tensors = gpt2Parameters(shape).map(({ name, dims, offset, size }) => ({
    name,
    dims,
    data: parameters.subarray(offset, offset + size),
  }));
  const contents: [string, () => Uint8Array][] = [
    ['weights.safetensors', () => writeSafetensors(tensors, { format: 'pt' })],
    ['classify.onnx', () => buildClassifyModel(shape, parameters)],
    ['shape.json', () => new TextEncoder().encode(`${JSON.stringify(shape, null, 2)}\n`)],
  ];
  return writingTo(directory, async () => {
    const files: ModelFile[] = [];
    try {
      for (const [name, build] of contents) files.push(await writeFileAtomic(directory, name, build()));
      await syncDirectory(directory);
    } catch (error) {
      for (const { name } of files) await rm(join(directory, name), { force: true });
      throw error;
    }
    return files;
  });
}
