/** @file A trained model as the files of a model folder. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyModelShape, ModelFile } from '../../src/shared/trainerProtocol.ts';
import { buildExplainModel, buildInt8ScoreModel, buildScoreModel } from '../gpt2/graphs.ts';
import { gpt2Parameters } from '../gpt2/spec.ts';
import { syncDirectory, writeFileAtomic } from './atomic.ts';
import { writingTo } from './diskErrors.ts';
import { writeSafetensors } from './safetensors.ts';

/** Writes `weights.safetensors`, `score.onnx`, `score-int8.onnx`, `explain.onnx` and, last, `shape.json`: where that exists, the model is whole. */
export function exportModel(directory: string, shape: KeyModelShape, parameters: Float32Array): Promise<ModelFile[]> {
  const tensors = gpt2Parameters(shape).map(({ name, dims, offset, size }) => ({
    name,
    dims,
    data: parameters.subarray(offset, offset + size),
  }));
  const contents: [string, () => Uint8Array][] = [
    ['weights.safetensors', () => writeSafetensors(tensors, { format: 'pt' })],
    ['score.onnx', () => buildScoreModel(shape, parameters)],
    ['score-int8.onnx', () => buildInt8ScoreModel(shape, parameters)],
    ['explain.onnx', () => buildExplainModel(shape, parameters)],
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
