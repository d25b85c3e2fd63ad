/** @file One epoch at a time: the model's state, the steps that change it, and its loss on held-out data. */
import { keyTokens } from '../../src/shared/sequences.ts';
import { readStartWeights } from '../files/startWeights.ts';
import { dropoutSites } from '../gpt2/dropoutSites.ts';
import { frozenParameters, loraParameters, setAddedRows } from '../gpt2/lora.ts';
import { gpt2Parameters, type ParameterSpec } from '../gpt2/spec.ts';
import { adamwDefaults } from './adamw.ts';
import type { Backend, BackendOptions, MicroBatch } from './backend.ts';
import {
  epochSteps,
  fillBatch,
  planBatches,
  predictionsOf,
  type Batch,
  type BatchPlan,
  type Replace,
} from './batches.ts';
import { dropoutMasks } from './dropout.ts';
import { meanBits } from './evaluate.ts';
import type { PieceSet } from './pieces.ts';
import { createRandom, randomStreams, type Random } from './random.ts';
import { learningRateAt } from './schedule.ts';
import { createState, type TrainState } from './state.ts';
import { batchTokensOf, type TrainTask } from './task.ts';
import { unseenProbabilities } from './unseen.ts';

type Parts = {
  task: TrainTask;
  pieces: PieceSet;
  validation: PieceSet;
  plan: BatchPlan;
  random: Random;
  state: TrainState;
  backend: Backend;
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
  /** Steps in all epochs whose gradients were not finite: they changed nothing, and their loss does not count. */
  skippedSteps: number;
  /** The last step was one of them. */
  isLastSkipped: boolean;
};

const first: Position = {
  step: 0,
  epochStep: 0,
  nats: 0,
  weight: 0,
  tokens: 0,
  skippedSteps: 0,
  isLastSkipped: false,
};

export class EpochTrainer {
  readonly #parts: Parts;
  /** By id; null where nothing becomes `unseen`. */
  readonly #unseen: Float64Array | null;
  #position: Position = first;

  private constructor(parts: Parts) {
    this.#parts = parts;
    const { vocabularySize } = parts.task.shape;
    const { pieces } = parts;
    const { unseenRate } = parts.task;
    this.#unseen = unseenRate > 0 ? unseenProbabilities(pieces, vocabularySize, unseenRate) : null;
  }

  static async create(
    task: TrainTask,
    { pieces, validation }: { pieces: PieceSet; validation: PieceSet },
    create: (options: BackendOptions) => Promise<Backend>,
  ): Promise<EpochTrainer> {
    const { shape, lora, recipe, intraOpThreads } = task;
    const random = createRandom(task.seed);
    const { specs, state, frozen } = await firstState(task, random);
    const batchTokens = batchTokensOf(task);
    const plan = planBatches(pieces, { ...recipe, batchTokens });
    const adamw = { ...adamwDefaults, weightDecay: recipe.weightDecay };
    const withDropout = recipe.dropout > 0;
    const backend = await create({
      shape,
      specs,
      state,
      adamw,
      batchTokens,
      intraOpThreads,
      withDropout,
      lora,
      frozen,
    });
    return new EpochTrainer({ task, pieces, validation, plan, random, state, backend });
  }

  /** Parameters and moments as they are now; the next step changes them in place. */
  async state(): Promise<TrainState> {
    await this.#parts.backend.download();
    return this.#parts.state;
  }

  get position(): Position {
    return { ...this.#position };
  }

  /** Goes on from `position`, its state having been put in place. */
  async moveTo(position: Position): Promise<void> {
    this.#position = { ...position };
    await this.#parts.backend.upload();
  }

  get stepsPerEpoch(): number {
    return this.#parts.plan.stepsPerEpoch;
  }

  get tokensPerEpoch(): number {
    const { plan, pieces } = this.#parts;
    return plan.passes * plan.entries.reduce((sum, piece) => sum + predictionsOf(pieces, piece), 0);
  }

  /** Those that are trained on, padding left out. */
  tokensOf({ entries }: Batch): number {
    return entries.reduce((sum, piece) => sum + predictionsOf(this.#parts.pieces, piece), 0);
  }

  /** The steps of an epoch, each of a few micro-batches, in the order in which they are taken. */
  steps(epoch: number): Batch[][] {
    const { plan, pieces, random } = this.#parts;
    return epochSteps(plan, pieces, random, epoch);
  }

  /** Bits per prediction over the epoch so far. */
  get trainingBits(): number {
    const { nats, weight } = this.#position;
    return nats / weight / Math.LN2;
  }

  /** Trains on what is left of the epoch. `between` is awaited after each micro-batch, `onStep` after each step; both may throw to stop. */
  async runEpoch(epoch: number, between: () => Promise<void>, onStep: () => Promise<void>): Promise<void> {
    for (const batches of this.steps(epoch).slice(this.#position.epochStep)) {
      await this.runStep(batches, between);
      await onStep();
    }
  }

  /** The next epoch starts from its first batch. */
  finishEpoch(): void {
    this.#position = { ...this.#position, epochStep: 0, nats: 0, weight: 0 };
  }

  /** Bits per prediction on the validation data, or null where there is none. `between` may throw to stop. */
  async validationBits(between: () => Promise<void>): Promise<number | null> {
    const { backend, validation, plan } = this.#parts;
    return validation.predictions > 0 ? meanBits(backend, validation, plan.batchTokens, between) : null;
  }

  release(): Promise<void> {
    return this.#parts.backend.release();
  }

  /** One optimiser step from these micro-batches. `between` is awaited between them. */
  async runStep(batches: readonly Batch[], between: () => Promise<void>): Promise<void> {
    const { task, pieces, plan, backend } = this.#parts;
    const step = this.#position.step + 1;
    let [weight, tokens] = [0, 0];
    const fill = (batch: Batch, index: number): MicroBatch => {
      const microStep = step * plan.accumulation + index;
      const arrays = fillBatch(pieces, batch, plan.pieceWeights, this.#replace(microStep, batch.T));
      tokens += this.tokensOf(batch);
      if (pieces.targetWeights) weight = arrays.weights.reduce((sum, value) => sum + value, weight);
      else for (const piece of batch.entries) weight += (plan.pieceWeights[piece] ?? 0) * predictionsOf(pieces, piece);
      return { ...arrays, inputs: this.#masks(batch, microStep) };
    };
    const learningRate = learningRateAt(
      step,
      task.maxEpochs * plan.stepsPerEpoch,
      task.learningRate,
      task.recipe.warmUp,
    );
    const nats = await backend.step({ batches, fill, step, learningRate, between });
    // Only now: a step that was given up half-way is taken again from its first micro-batch.
    const before = this.#position;
    const isSkipped = !Number.isFinite(nats);
    this.#position = {
      step,
      epochStep: before.epochStep + 1,
      nats: before.nats + (isSkipped ? 0 : nats),
      weight: before.weight + (isSkipped ? 0 : weight),
      tokens: before.tokens + tokens,
      skippedSteps: before.skippedSteps + (isSkipped ? 1 : 0),
      isLastSkipped: isSkipped,
    };
  }

  #masks(batch: Batch, microStep: number): MicroBatch['inputs'] {
    const { task, random } = this.#parts;
    const { dropout } = task.recipe;
    return dropout > 0 ? dropoutMasks(dropoutSites(task.shape), batch, dropout, random, microStep) : {};
  }

  /** Draws anew which events become `unseen` each time a batch is filled: an id is never replaced for good. */
  #replace(microStep: number, T: number): Replace | undefined {
    const { random } = this.#parts;
    const unseen = this.#unseen;
    if (!unseen) return undefined;
    return (row, position, id) => {
      const probability = unseen[id] ?? 0;
      if (probability === 0) return id;
      const drawn = random.uniform(randomStreams.unseen, microStep, row * (T + 1) + position);
      return drawn < probability ? keyTokens.unseen : id;
    };
  }
}

/** What is trained, and what is frozen beside it, before the first step. */
async function firstState(
  task: TrainTask,
  random: Random,
): Promise<{ specs: ParameterSpec[]; state: TrainState; frozen: Float32Array | undefined }> {
  const { shape, lora, startWeights } = task;
  if (lora && startWeights !== undefined) {
    const specs = loraParameters(shape, lora);
    const frozen = await readStartWeights(startWeights, shape);
    const state = createState(specs, random, { specs: frozenParameters(shape), parameters: frozen });
    setAddedRows(shape, lora, frozen, state.parameters);
    return { specs, state, frozen };
  }
  const specs = gpt2Parameters(shape);
  const state = createState(specs, startWeights === undefined ? random : null);
  if (startWeights !== undefined) await readStartWeights(startWeights, shape, state.parameters);
  return { specs, state, frozen: undefined };
}
