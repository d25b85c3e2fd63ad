/** @file Which input a checkpoint belongs to: a hash of the data and of everything that decides the result. */
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { hashFile } from '../files/checkpointFolder.ts';
import type { TrainTask } from './task.ts';

/** Raised when the same input would be trained in another way: a checkpoint of the old way must not be gone on from. */
const method = 5;

/**
 * Threads and provider are left out: a run may go on with others, though its last bits may then differ from those of a run that had the
 * same all the way.
 */
export async function fingerprintOf(task: TrainTask): Promise<string> {
  const { training, validation, trainingWeights, validationWeights, decisiveFiles } = task;
  const { shape, seed, maxEpochs, patience, learningRate, unseenRate, recipe, lora = null } = task;
  const decisive = { shape, seed, maxEpochs, patience, learningRate, unseenRate, recipe, lora };
  const files: string[] = [];
  for (const path of decisiveFiles) files.push((await hashFile(dirname(path), basename(path))).sha256);
  const data = [training.ids, training.offsets, validation.ids, validation.offsets];
  const weights = [trainingWeights ?? new Float32Array(0), ...(validationWeights ? [validationWeights] : [])];
  return hashOf([method, decisive, files], [...data, ...weights]);
}

/** The same for equal options, whichever order their keys are in, and equal data. */
export function hashOf(options: readonly unknown[], data: readonly (Float32Array | Int32Array)[]): string {
  const hash = createHash('sha256').update(JSON.stringify(options.map(canonical)));
  for (const array of data) {
    hash.update(`;${array.length};`).update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('hex');
}

/** Keys in one order, whoever built the object. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, canonical(item)]);
}
