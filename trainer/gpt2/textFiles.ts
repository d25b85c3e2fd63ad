/** @file What is read of a checkpoint's folder and written of a text model's, apart from the weights. */
import { join } from 'node:path';
import { textModelFiles, type TextModelShape } from '../../src/shared/textModels.ts';
import type { ModelFile } from '../../src/shared/trainerProtocol.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { exists, hashFile } from '../files/checkpointFolder.ts';
import { TensorFile } from '../files/tensorFile.ts';
import { buildBody, buildHead, buildNext, type WeightPlaces } from './textGraphs.ts';

export const tokenizerNames = ['tokenizer.json', 'vocab.json', 'merges.txt'];

/** Throws MODEL_INVALID where the weights are not the shape's. */
export async function writeGraphs(directory: string, shape: TextModelShape): Promise<ModelFile[]> {
  const places = await weightPlaces(directory, textModelFiles.weights);
  return [
    await writeFileAtomic(directory, textModelFiles.body, buildBody(shape, places)),
    await writeFileAtomic(directory, textModelFiles.head, buildHead(shape, places)),
    await writeFileAtomic(directory, textModelFiles.next, buildNext(shape, places)),
  ];
}

/** `prefix` stands before the names in the file. */
export async function weightPlaces(directory: string, fileName: string, prefix = ''): Promise<WeightPlaces> {
  const file = await TensorFile.open(join(directory, fileName), fileName);
  const { entries } = file;
  await file.close();
  return (name) => {
    const entry = entries.get(prefix + name) ?? entries.get(name);
    if (!entry) throw new Error(`${fileName} has no tensor ${name}.`);
    return { fileName, offsetBytes: file.offsetOf(entry), sizeBytes: entry.end - entry.start };
  };
}

/** Those of the files that are there. */
export async function hashSources(folder: string, names: readonly string[]): Promise<ModelFile[]> {
  const files: ModelFile[] = [];
  for (const name of names) if (await exists(join(folder, name))) files.push(await hashFile(folder, name));
  return files;
}

export function writeText(directory: string, name: string, text: string): Promise<ModelFile> {
  return writeFileAtomic(directory, name, new TextEncoder().encode(text));
}
