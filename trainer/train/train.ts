/**
 * @file One training run from sequences to the best parameters, on the provider that was asked for or, where that fails, on the CPU.
 * Writes no model files (`files/export.ts` does).
 */
import { AppError } from '../../src/shared/errors.ts';
import { keyModelRecipe } from '../../src/shared/recipes.ts';
import type { TrainInput, TrainProvider } from '../../src/shared/trainerProtocol.ts';
import { CheckpointFolder } from '../files/checkpoint.ts';
import { readStartWeights } from '../files/startWeights.ts';
import { mergeLora } from '../gpt2/lora.ts';
import { EpochTrainer } from './epochs.ts';
import { fingerprintOf } from './fingerprint.ts';
import { checkTrainInput } from './options.ts';
import { cutPieces } from './pieces.ts';
import { createBackend, markedBackend, ProviderFailure } from './providers.ts';
import { Run, type TrainContext, type Trained } from './run.ts';

/** Adapters are merged. Throws BAD_REQUEST for an input that cannot be trained on, CANCELLED when the signal fires. */
export async function trainModel(input: TrainInput, context: TrainContext): Promise<Trained> {
  const recipe = { ...keyModelRecipe, ...input.recipe };
  checkTrainInput(input, recipe);
  const { contextLength, vocabularySize } = input.shape;
  const pieces = cutPieces(input.training, contextLength, vocabularySize, input.trainingWeights);
  const validation = cutPieces(input.validation, contextLength, vocabularySize);
  if (pieces.predictions === 0) {
    throw new AppError('BAD_REQUEST', 'There is nothing to train on: no sequence has two tokens.');
  }
  // Read where it is used and not kept: a copy of GPT-2 small is half a gigabyte.
  const start = async (): Promise<Float32Array | null> =>
    input.startWeights === undefined ? null : readStartWeights(input.startWeights, input.shape);
  const checkpoints = input.checkpoint && {
    folder: new CheckpointFolder(input.checkpoint.directory, fingerprintOf(input, recipe, await start())),
    everyMs: input.checkpoint.everyMs,
  };
  const trainOn = async (provider: TrainProvider, failure: string | null): Promise<Trained> => {
    const trainer = await EpochTrainer.create(input, recipe, pieces, validation, await start(), (options) =>
      markedBackend(context.create ?? createBackend, provider, options),
    );
    try {
      const run = await Run.start({ input, recipe, context, trainer, checkpoints, provider, failure });
      return await run.toEnd();
    } finally {
      await trainer.release().catch(() => undefined); // what failed may fail again here; the failure itself is on its way
    }
  };
  const trained = await trainOn(input.provider ?? 'cpu', null).catch((error: unknown) => {
    if (!(error instanceof ProviderFailure)) throw error;
    if (error.provider === 'cpu') throw error.cause;
    return trainOn('cpu', error.message);
  });
  const base = input.lora ? await start() : null;
  if (!input.lora || !base) return trained;
  const parameters = mergeLora(input.shape, input.lora, base, trained.parameters);
  return { ...trained, parameters, parameterCount: parameters.length };
}
