/**
 * @file One training run from sequences to the best parameters, on the provider that was asked for or, where that fails, on the CPU.
 * Writes no model files (`files/export.ts` and `trainText.ts` do).
 */
import { AppError } from '../../src/shared/errors.ts';
import type { TrainInput } from '../../src/shared/trainerProtocol.ts';
import { CheckpointFolder } from '../files/checkpoint.ts';
import { readStartWeights } from '../files/startWeights.ts';
import { mergeLora } from '../gpt2/lora.ts';
import { EpochTrainer } from './epochs.ts';
import { fingerprintOf } from './fingerprint.ts';
import { checkTask } from './options.ts';
import { cutPieces } from './pieces.ts';
import { createBackend, markedBackend, withProvider, type CreateBackend } from './providers.ts';
import { downWeightRare } from './rarePieces.ts';
import { Run, type RunParts, type TrainContext, type Trained } from './run.ts';
import { keyTask, pieceTokensOf, type TrainTask } from './task.ts';

/** A model of event keys. Adapters are merged. Throws as `runTask`. */
export async function trainModel(input: TrainInput, context: TrainContext): Promise<Trained> {
  const trained = await runTask(keyTask(input), context);
  const { shape, lora, startWeights } = input;
  if (!lora || startWeights === undefined) return trained;
  const parameters = await readStartWeights(startWeights, shape);
  mergeLora(shape, lora, parameters, trained.parameters);
  return { ...trained, parameters };
}

/**
 * Gives what was trained: with LoRA `loraParameters`. Throws BAD_REQUEST for an input that cannot be trained on, MODEL_INVALID for weights
 * that do not fit, CANCELLED when the signal fires.
 */
export async function runTask(task: TrainTask, context: TrainContext): Promise<Trained> {
  const { checkpoint } = task;
  return withTrainer(task, context.create, async (trainer, on) => {
    const checkpoints = checkpoint && {
      folder: new CheckpointFolder(checkpoint.directory, await fingerprintOf(task)),
      everyMs: checkpoint.everyMs,
    };
    const run = await Run.start({ task, context, trainer, checkpoints, on });
    return run.toEnd();
  });
}

/** Does `work` with a trainer that stands before its first step. */
export async function withTrainer<T>(
  task: TrainTask,
  create: CreateBackend = createBackend,
  work: (trainer: EpochTrainer, on: RunParts['on']) => Promise<T>,
): Promise<T> {
  checkTask(task);
  const { training, validation, trainingWeights, validationWeights } = task;
  const { vocabularySize } = task.shape;
  const longest = pieceTokensOf(task);
  const all = {
    training: cutPieces(training, longest, vocabularySize, trainingWeights),
    validation: cutPieces(validation, longest, vocabularySize, validationWeights),
  };
  const { downWeight } = task.recipe;
  const parts = downWeight ? downWeightRare(all, downWeight) : all;
  const data = { pieces: parts.training, validation: parts.validation };
  if (data.pieces.predictions === 0) {
    throw new AppError('BAD_REQUEST', 'There is nothing to train on: no sequence has two tokens.');
  }
  return withProvider(task.provider ?? 'cpu', async (on) => {
    const trainer = await EpochTrainer.create(task, data, (options) => markedBackend(create, on.provider, options));
    try {
      return await work(trainer, on);
    } finally {
      await trainer.release().catch(() => undefined); // what failed may fail again here; the failure itself is on its way
    }
  });
}
