/** @file Which input a checkpoint belongs to: a hash of the data and of everything that decides the result. */
import { createHash } from 'node:crypto';
import type { TrainInput, TrainRecipe } from '../../src/shared/trainerProtocol.ts';

/** Raised when the same input would be trained in another way: a checkpoint of the old way must not be gone on from. */
const method = 2;

/**
 * Threads and provider are left out: a run may go on with others, though its last bits may then differ from those of a run that had the
 * same all the way.
 */
export function fingerprintOf(input: TrainInput, recipe: TrainRecipe, start: Float32Array | null): string {
  const {
    training,
    validation,
    trainingWeights,
    directory: _1,
    checkpoint: _2,
    intraOpThreads: _3,
    recipe: _4,
    startWeights: _5,
    provider: _6,
    ...decisive
  } = input;
  return hashOf(
    [method, decisive, recipe],
    [training.ids, training.offsets, validation.ids, validation.offsets, trainingWeights, start],
  );
}

/** The same for equal options, whichever order their keys are in, and equal data. What is null is empty. */
export function hashOf(
  options: readonly unknown[],
  data: readonly (Float32Array | Int32Array | null | undefined)[],
): string {
  const hash = createHash('sha256').update(JSON.stringify(options.map(canonical)));
  for (const item of data) {
    const array = item ?? new Float32Array(0);
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
