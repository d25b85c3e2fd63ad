/** @file The golden GPT-2 taken in with tokens for masked lines, and what it is fine-tuned with in tests. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packSequences } from '../../src/shared/sequences.ts';
import type { TrainTextInput } from '../../src/shared/textModels.ts';
import { importText } from '../../trainer/gpt2/importText.ts';
import { testFolder } from '../helpers/folders.ts';
import { tinyFolder } from './checkpoints.ts';

/** The golden model has 288 tokens; these are the two that importing adds. */
export const [newToken, addressToken] = [288, 289];

/** A text model's folder, its added tokens not predicted. */
export async function importedTiny(
  addedTokens: readonly string[] = ['<NEW>', '<IP>'],
  from = tinyFolder,
): Promise<string> {
  const directory = emptyFolder();
  await importText(
    { from, directory, addedTokens, seed: 1 },
    { signal: new AbortController().signal, progress: () => undefined },
  );
  return directory;
}

export function emptyFolder(): string {
  const directory = join(testFolder(), 'model');
  mkdirSync(directory);
  return directory;
}

/** Three lines that differ in their first token, with added tokens inside. */
export const threeLines = packSequences([
  [newToken, 40, 41, addressToken, 42, 43, newToken],
  [50, 51, 52, 53],
  [60, addressToken, 61, 62, 63, 64],
]);

export function fineTuning(start: string, changes: Partial<TrainTextInput> = {}): TrainTextInput {
  return {
    directory: emptyFolder(),
    start: { kind: 'model', directory: start },
    training: threeLines,
    validation: packSequences([]),
    seed: 1,
    maxEpochs: 20,
    patience: 20,
    learningRate: 1e-2,
    intraOpThreads: 1,
    recipe: {
      batchTokens: 64,
      accumulation: 1,
      dropout: 0,
      evaluateEverySteps: null,
      warmUp: { share: 0.1, mostSteps: 10 },
    },
    checkpoint: null,
    ...changes,
  };
}
