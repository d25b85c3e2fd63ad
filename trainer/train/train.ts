/**
 * @file One training run from sequences to the best parameters: epochs, validation, early stopping, progress, cancellation.
 * Writes no files (`files/export.ts` does).
 */
import { performance } from 'node:perf_hooks';
import { AppError } from '../../src/shared/errors.ts';
import { keyTokens } from '../../src/shared/sequences.ts';
import type { TrainInput, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { checkShape, gpt2Parameters, parameterCount } from '../gpt2/spec.ts';
import { adamwStep } from './adamw.ts';
import { epochBatches, fillBatch, planBatches, predictionsOf, type Batch, type BatchOptions } from './batches.ts';
import { LossRunner } from './losses.ts';
import { cutPieces } from './pieces.ts';
import { createRandom, randomStreams } from './random.ts';
import { learningRateAt } from './schedule.ts';
import { createState } from './state.ts';
import { unseenProbabilities } from './unseen.ts';

export type Trained = {
  /** The best epoch's, laid out as `gpt2Parameters` says. */
  parameters: Float32Array;
  parameterCount: number;
  epochs: number;
  bestEpoch: number;
  trainingBits: number;
  validationBits: number;
  stoppedEarly: boolean;
};

export type TrainContext = { signal: AbortSignal; progress: (value: TrainProgress) => void };

/**
 * Best bits per second on two cores, measured on HDFS (99,978 events, 4 layers, width 64, 20 epochs of equal length): batches of 256,
 * 512, 1,024 tokens reach 0.406, 0.411, 0.420 bits, and below 512 the optimiser's own time shows. Without counting equal pieces
 * (countPerEntry 1) the same bits take two to three times as long; above 16 the heaviest batches disturb the others.
 */
const batchDefaults: BatchOptions = { batchTokens: 512, countPerEntry: 16 };
/** No tensor of logits [B*T,V] passes this many elements. */
const mostLogits = 2 ** 24;
/** Below this many activations a second thread costs more in hand-overs than it computes (measured: 512 x 64 is slower, 2,048 x 64 faster). */
const activationsPerThread = 2 ** 16;
const progressIntervalMs = 200;
/** An improvement smaller than this is noise and does not reset the patience. */
const leastImprovementBits = 1e-4;

/** Throws BAD_REQUEST for an input that cannot be trained on, CANCELLED when the signal fires. */
export async function trainModel(
  input: TrainInput,
  { signal, progress }: TrainContext,
  options: BatchOptions = batchDefaults,
): Promise<Trained> {
  const { shape, seed, maxEpochs, patience } = input;
  checkShape(shape);
  checkOptions(input);
  const pieces = cutPieces(input.training, shape.contextLength, shape.vocabularySize);
  const validation = cutPieces(input.validation, shape.contextLength, shape.vocabularySize);
  if (pieces.predictions === 0)
    throw new AppError('BAD_REQUEST', 'There is nothing to train on: no sequence has two tokens.');

  const random = createRandom(seed);
  const specs = gpt2Parameters(shape);
  const state = createState(specs, random);
  const unseen = unseenProbabilities(pieces, shape.vocabularySize, input.unseenRate);
  const batchTokens = Math.max(1, Math.min(options.batchTokens, Math.floor(mostLogits / shape.vocabularySize)));
  const plan = planBatches(pieces, { ...options, batchTokens });
  const { stepsPerEpoch } = plan;
  const totalSteps = maxEpochs * stepsPerEpoch;
  const usefulThreads = Math.max(1, Math.floor((batchTokens * shape.width) / activationsPerThread));
  const intraOpThreads = Math.min(input.intraOpThreads, usefulThreads);
  const createRunner = (withGradients: boolean): Promise<LossRunner> =>
    LossRunner.create(shape, state, { withGradients, batchTokens, intraOpThreads });
  const gradients = await createRunner(true);
  const evaluator = validation.predictions > 0 ? await createRunner(false) : undefined;
  const startMs = performance.now();
  const checkpoint = (): void => {
    if (signal.aborted) throw new AppError('CANCELLED', 'Training was cancelled.');
  };

  const best = { parameters: state.parameters.slice(), epoch: 0, trainingBits: Infinity, validationBits: Infinity };
  let [epoch, globalStep, tokens, lastProgressMs] = [0, 0, 0, -Infinity];
  let validationBits: number | null = null;

  const runStep = async (batch: Batch): Promise<number> => {
    globalStep++;
    const replace = (row: number, position: number, id: number): number => {
      const probability = unseen[id] ?? 0;
      if (probability === 0) return id;
      const draw = random.uniform(randomStreams.unseen, globalStep, row * (batch.T + 1) + position);
      return draw < probability ? keyTokens.unseen : id;
    };
    const loss = await gradients.run(batch, fillBatch(pieces, batch, plan.pieceWeights, replace));
    for (const piece of batch.entries) tokens += predictionsOf(pieces, piece);
    adamwStep(state, state.gradients, specs, globalStep, learningRateAt(globalStep, totalSteps, input.learningRate));
    return loss;
  };

  const report = (step: number, trainingBits: number): void => {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs - lastProgressMs < progressIntervalMs && !(epoch === maxEpochs && step === stepsPerEpoch)) return;
    lastProgressMs = elapsedMs;
    const bestValidationBits = best.epoch > 0 && evaluator ? best.validationBits : null;
    const tokensPerSecond = (tokens / elapsedMs) * 1000;
    progress({
      epoch,
      maxEpochs,
      step,
      stepsPerEpoch,
      trainingBits,
      validationBits,
      bestValidationBits,
      tokensPerSecond,
      elapsedMs,
    });
  };

  try {
    while (epoch < maxEpochs && epoch - best.epoch < patience + (best.epoch === 0 ? 1 : 0)) {
      epoch++;
      let [epochLoss, epochWeight, step, trainingBits] = [0, 0, 0, NaN];
      for (const batch of epochBatches(plan, pieces, random, epoch)) {
        checkpoint();
        epochLoss += await runStep(batch);
        for (const piece of batch.entries)
          epochWeight += (plan.pieceWeights[piece] ?? 0) * predictionsOf(pieces, piece);
        step++;
        trainingBits = epochLoss / epochWeight / Math.LN2;
        report(step, trainingBits);
      }
      if (evaluator) validationBits = await evaluator.meanBits(validation, checkpoint);
      const bits = validationBits ?? trainingBits;
      if (!Number.isFinite(bits)) break; // diverged: what was best so far is kept
      if (bits < best.validationBits - leastImprovementBits) {
        best.parameters.set(state.parameters);
        Object.assign(best, { epoch, trainingBits, validationBits: bits });
      }
    }
  } finally {
    await gradients.release();
    await evaluator?.release();
  }
  if (best.epoch === 0) {
    throw new AppError(
      'BAD_REQUEST',
      `Training did not converge with learning rate ${input.learningRate}; try a smaller one.`,
    );
  }
  return {
    parameters: best.parameters,
    parameterCount: parameterCount(specs),
    epochs: epoch,
    bestEpoch: best.epoch,
    trainingBits: best.trainingBits,
    validationBits: best.validationBits,
    stoppedEarly: epoch < maxEpochs,
  };
}

function checkOptions({ maxEpochs, patience, learningRate, unseenRate, intraOpThreads, seed }: TrainInput): void {
  const need = (holds: boolean, what: string): void => {
    if (!holds) throw new AppError('BAD_REQUEST', `Training options: ${what}.`);
  };
  need(Number.isInteger(maxEpochs) && maxEpochs >= 1, `maxEpochs is ${maxEpochs}; it must be a whole number from 1`);
  need(Number.isInteger(patience) && patience >= 1, `patience is ${patience}; it must be a whole number from 1`);
  need(learningRate > 0 && learningRate < 1, `learningRate is ${learningRate}; it must lie between 0 and 1`);
  need(unseenRate >= 0 && unseenRate <= 0.5, `unseenRate is ${unseenRate}; it must lie between 0 and 0.5`);
  need(
    Number.isInteger(intraOpThreads) && intraOpThreads >= 1,
    `intraOpThreads is ${intraOpThreads}; it must be a whole number from 1`,
  );
  need(Number.isSafeInteger(seed) && seed >= 0, `seed is ${seed}; it must be a whole number from 0`);
}
