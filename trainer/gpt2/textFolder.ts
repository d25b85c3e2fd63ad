/** @file A text model's folder, written whole or not at all: weights, tokenizer, graphs, and last the shape. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/shared/errors.ts';
import { textModelFiles, type TextModelShape } from '../../src/shared/textModels.ts';
import type { ModelFile } from '../../src/shared/trainerProtocol.ts';
import { syncDirectory } from '../files/atomic.ts';
import { hashFile } from '../files/checkpointFolder.ts';
import { TensorWriter } from '../files/tensorWriter.ts';
import { gpt2Parameters, type ParameterSpec } from './spec.ts';
import { writeGraphs, writeText } from './textFiles.ts';

export type TextModelContent = {
  shape: TextModelShape;
  tokenizerJson: string;
  /** The values of a parameter in order, in as many pieces as it likes: models may be larger than memory. */
  values: (spec: ParameterSpec) => AsyncIterable<Float32Array> | Iterable<Float32Array>;
};

/** Throws BAD_INPUT where the weights read back differently. What was begun is removed when anything fails. */
export async function writeTextModel(
  directory: string,
  { shape, tokenizerJson, values }: TextModelContent,
): Promise<ModelFile[]> {
  const files: ModelFile[] = [];
  try {
    const weights = await writeWeights(directory, gpt2Parameters(shape), values);
    files.push(
      weights,
      await writeText(directory, textModelFiles.tokenizer, tokenizerJson),
      ...(await writeGraphs(directory, shape)),
      // Last: where it exists, the model is whole.
      await writeText(directory, textModelFiles.shape, `${JSON.stringify(shape, null, 2)}\n`),
    );
    await syncDirectory(directory);
    await verify(directory, weights);
    return files;
  } catch (error) {
    for (const name of Object.values(textModelFiles)) await rm(join(directory, name), { force: true });
    throw error;
  }
}

async function writeWeights(
  directory: string,
  specs: readonly ParameterSpec[],
  values: TextModelContent['values'],
): Promise<ModelFile> {
  const writer = await TensorWriter.create(directory, textModelFiles.weights, specs);
  try {
    for (const spec of specs) for await (const piece of values(spec)) await writer.write(piece);
    return await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** What lies on the disk now is what was written. */
async function verify(directory: string, weights: ModelFile): Promise<void> {
  const { sha256 } = await hashFile(directory, weights.name);
  if (sha256 !== weights.sha256)
    throw new AppError('BAD_INPUT', `${weights.name} reads back differently from how it was written. Check the disk.`);
}
