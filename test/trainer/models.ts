/** @file Small models and data for the trainer's and the engine's tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { keyTokens, packSequences, type SequenceSet } from '../../src/shared/sequences.ts';
import type { KeyModelShape, TrainInput } from '../../src/shared/trainerProtocol.ts';
import { exportModel } from '../../trainer/files/export.ts';
import { gpt2Parameters, type NetworkShape } from '../../trainer/gpt2/spec.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { createState } from '../../trainer/train/state.ts';

export const tinyShape: KeyModelShape = { layers: 2, heads: 2, width: 16, contextLength: 8, vocabularySize: 12 };

/** A folder that is gone when the test is over. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'surprisal-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Parameters as training starts with, made larger so that predictions are far from uniform. */
export function randomParameters(shape: NetworkShape, seed: number): Float32Array {
  const { parameters } = createState(gpt2Parameters(shape), createRandom(seed));
  return parameters.map((value) => value * 2);
}

/** A model folder as the trainer writes it. */
export async function randomModel(shape: KeyModelShape, seed: number): Promise<string> {
  const directory = await temporaryDirectory();
  await exportModel(directory, shape, randomParameters(shape, seed));
  return directory;
}

/**
 * Sessions of a grammar: begin, 4, then 5 6 or 7 8 with equal chance, 9, end. One bit of surprise at the third token, none elsewhere.
 */
export function coinSessions(count: number, seed: number): SequenceSet {
  const random = createRandom(seed);
  return packSequences(
    Array.from({ length: count }, (_, index) => {
      const branch = random.uniform(1, index) < 0.5 ? [5, 6] : [7, 8];
      return [keyTokens.begin, 4, ...branch, 9, keyTokens.end];
    }),
  );
}

export function trainInput(directory: string, changes: Partial<TrainInput> = {}): TrainInput {
  return {
    directory,
    training: coinSessions(200, 1),
    validation: coinSessions(50, 2),
    shape: tinyShape,
    seed: 1,
    maxEpochs: 12,
    patience: 12,
    learningRate: 1e-2,
    unseenRate: 0,
    intraOpThreads: 1,
    checkpoint: null,
    ...changes,
  };
}
