/** @file One epoch at a time: the model's state, the batches that change it, and its loss on held-out data. */
import { keyTokens } from '../../src/shared/sequences.ts';
import type { KeyModelShape, TrainInput } from '../../src/shared/trainerProtocol.ts';
import { gpt2Parameters, type ParameterSpec } from '../gpt2/spec.ts';
import { adamwStep } from './adamw.ts';
import {
  epochBatches,
  fillBatch,
  planBatches,
  predictionsOf,
  type Batch,
  type BatchOptions,
  type BatchPlan,
  type Replace,
} from './batches.ts';
import { LossRunner } from './losses.ts';
import type { PieceSet } from './pieces.ts';
import { createRandom, randomStreams, type Random } from './random.ts';
import { learningRateAt } from './schedule.ts';
import { createState, type TrainState } from './state.ts';
import { unseenProbabilities } from './unseen.ts';

/** No tensor of logits [B*T,V] passes this many elements. */
const mostLogits = 2 ** 24;
/** Below this many activations a further thread costs more in hand-overs than it computes (measured: 512 x 64 slower, 2,048 x 64 faster). */
const activationsPerThread = 2 ** 16;

type Parts = {
  input: TrainInput;
  pieces: PieceSet;
  validation: PieceSet;
  plan: BatchPlan;
  random: Random;
  specs: readonly ParameterSpec[];
  state: TrainState;
  gradients: LossRunner;
  evaluator: LossRunner | undefined;
};

/** How far training is. Together with the state it is all that decides what comes next: random numbers are drawn by `step` and epoch. */
export type Position = {
  /** Optimiser steps over all epochs; the last `epochStep` of them belong to the epoch under way. */
  step: number;
  epochStep: number;
  /** Of the epoch so far: loss, and the weight of the predictions that it is the sum of. */
  nats: number;
  weight: number;
  /** Tokens trained on in all epochs. */
  tokens: number;
};

export class EpochTrainer {
  readonly #parts: Parts;
  readonly #unseen: Float64Array;
  #position: Position = { step: 0, epochStep: 0, nats: 0, weight: 0, tokens: 0 };

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#unseen = unseenProbabilities(parts.pieces, parts.input.shape.vocabularySize, parts.input.unseenRate);
  }

  static async create(
    input: TrainInput,
    pieces: PieceSet,
    validation: PieceSet,
    options: BatchOptions,
  ): Promise<EpochTrainer> {
    const { shape, seed } = input;
    const random = createRandom(seed);
    const specs = gpt2Parameters(shape);
    const state = createState(specs, random);
    const batchTokens = Math.max(1, Math.min(options.batchTokens, Math.floor(mostLogits / shape.vocabularySize)));
    const plan = planBatches(pieces, { ...options, batchTokens });
    const intraOpThreads = Math.min(input.intraOpThreads, usefulThreads(shape, batchTokens));
    const gradients = await LossRunner.create(shape, state, { withGradients: true, batchTokens, intraOpThreads });
    const evaluator =
      validation.predictions > 0
        ? await LossRunner.create(shape, state, { withGradients: false, batchTokens, intraOpThreads })
        : undefined;
    return new EpochTrainer({ input, pieces, validation, plan, random, specs, state, gradients, evaluator });
  }

  /** Parameters and moments as they are now; the next step changes them in place. */
  get state(): TrainState {
    return this.#parts.state;
  }

  get position(): Position {
    return { ...this.#position };
  }

  /** Goes on from `position`, its state having been put in place. */
  moveTo(position: Position): void {
    this.#position = { ...position };
  }

  get stepsPerEpoch(): number {
    return this.#parts.plan.stepsPerEpoch;
  }

  /** Bits per prediction over the epoch so far. */
  get trainingBits(): number {
    const { nats, weight } = this.#position;
    return nats / weight / Math.LN2;
  }

  /** Trains on what is left of the epoch. `onStep` is awaited after each step and may throw to stop. */
  async runEpoch(epoch: number, onStep: () => Promise<void>): Promise<void> {
    const { plan, pieces, random } = this.#parts;
    for (const batch of epochBatches(plan, pieces, random, epoch).slice(this.#position.epochStep)) {
      await this.#runStep(batch);
      await onStep();
    }
  }

  /** The next epoch starts from its first batch. */
  finishEpoch(): void {
    Object.assign(this.#position, { epochStep: 0, nats: 0, weight: 0 });
  }

  /** Bits per prediction on the validation data, or null where there is none. `betweenBatches` may throw to stop. */
  async validationBits(betweenBatches: () => Promise<void>): Promise<number | null> {
    const { evaluator, validation } = this.#parts;
    return evaluator ? evaluator.meanBits(validation, betweenBatches) : null;
  }

  async release(): Promise<void> {
    await this.#parts.gradients.release();
    await this.#parts.evaluator?.release();
  }

  async #runStep(batch: Batch): Promise<void> {
    const { input, pieces, plan, state, specs, gradients } = this.#parts;
    const step = this.#position.step + 1;
    const nats = await gradients.run(batch, fillBatch(pieces, batch, plan.pieceWeights, this.#replace(step, batch.T)));
    const rate = learningRateAt(step, input.maxEpochs * plan.stepsPerEpoch, input.learningRate);
    adamwStep(state, state.gradients, specs, step, rate);
    this.#position.step = step;
    this.#position.epochStep++;
    this.#position.nats += nats;
    for (const piece of batch.entries) {
      this.#position.weight += (plan.pieceWeights[piece] ?? 0) * predictionsOf(pieces, piece);
      this.#position.tokens += predictionsOf(pieces, piece);
    }
  }

  /** Draws anew which events become `unseen` each time a batch is filled: an id is never replaced for good. */
  #replace(step: number, T: number): Replace {
    const { random } = this.#parts;
    return (row, position, id) => {
      const probability = this.#unseen[id] ?? 0;
      if (probability === 0) return id;
      return random.uniform(randomStreams.unseen, step, row * (T + 1) + position) < probability ? keyTokens.unseen : id;
    };
  }
}

function usefulThreads({ width }: KeyModelShape, batchTokens: number): number {
  return Math.max(1, Math.floor((batchTokens * width) / activationsPerThread));
}
