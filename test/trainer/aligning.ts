/** @file Inputs of training by reward for its tests: verdicts on sequences of the coin grammar. */
import { join } from 'node:path';
import type { AlignInput, VerdictObjective } from '../../src/shared/alignProtocol.ts';
import { decisionRewards } from '../../src/shared/decisions.ts';
import { alignRecipe } from '../../src/shared/recipes.ts';
import { keyTokens, packSequences } from '../../src/shared/sequences.ts';
import { AlignModel } from '../../trainer/align/model.ts';
import { scoreSequence } from '../../trainer/align/scores.ts';
import { exportModel } from '../../trainer/files/export.ts';
import { cutPieces } from '../../trainer/train/pieces.ts';
import { coinSessions, temporaryDirectory, tinyShape } from './models.ts';

export const usual = [keyTokens.begin, 4, 5, 6, 9, keyTokens.end];
export const strange = [keyTokens.begin, 4, 5, 8, 9, keyTokens.end];

export function verdicts(changes: Partial<VerdictObjective>): VerdictObjective {
  return {
    kind: 'verdicts',
    form: 'expected_reward',
    rewards: decisionRewards,
    score: 'mean',
    threshold: 1,
    temperature: alignRecipe.temperature,
    labelled: packSequences([strange]),
    isThreat: [true],
    leastSteps: 50,
    ...changes,
  };
}

export async function alignInput(
  parameters: Float32Array,
  objective: AlignInput['objective'],
  changes: Partial<AlignInput> = {},
): Promise<AlignInput> {
  const directory = await temporaryDirectory();
  await exportModel(directory, tinyShape, parameters);
  return {
    directory: '',
    startWeights: join(directory, 'weights.safetensors'),
    shape: tinyShape,
    objective,
    replay: coinSessions(200, 1),
    epochs: alignRecipe.epochs,
    batchSequences: alignRecipe.batchSequences,
    learningRate: 3e-4,
    seed: 1,
    intraOpThreads: 1,
    checkpoint: null,
    ...changes,
  };
}

export async function scoreOf(
  parameters: Float32Array,
  sequence: number[],
  kind: VerdictObjective['score'],
): Promise<number> {
  const model = await AlignModel.create(tinyShape, parameters, 1);
  const pieces = cutPieces(packSequences([sequence]), tinyShape.contextLength, tinyShape.vocabularySize);
  const surprises = await model.surprises(model.current, pieces, Int32Array.of(0));
  await model.release();
  return scoreSequence(surprises.get(0) ?? new Float32Array(1), kind).score;
}
