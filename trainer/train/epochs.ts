/** @file One epoch at a time: the model's state, the steps that change it, and its loss on held-out data. */
import { keyTokens } from '../../src/shared/sequences.ts';
import type { TrainInput, TrainRecipe } from '../../src/shared/trainerProtocol.ts';
import { dropoutSites } from '../gpt2/dropoutSites.ts';
import { loraParameters } from '../gpt2/lora.ts';
import { gpt2Parameters } from '../gpt2/spec.ts';
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
import { unseenProbabilities } from './unseen.ts';

/** No tensor of logits [B*T,V] passes this many elements: 128 MB. */
const mostLogits = 2 ** 25;

type Parts = {
  input: TrainInput;
  recipe: TrainRecipe;
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
    recipe: TrainRecipe,
    pieces: PieceSet,
    validation: PieceSet,
    start: Float32Array | null,
    create: (options: BackendOptions) => Promise<Backend>,
  ): Promise<EpochTrainer> {
    const { shape, seed, intraOpThreads, lora } = input;
    const random = createRandom(seed);
    const model = gpt2Parameters(shape);
    const specs = lora ? loraParameters(shape, lora) : model;
    const state = createState(specs, random, lora && start ? { specs: model, parameters: start } : undefined);
    if (start && !lora) state.parameters.set(start);
    const batchTokens = Math.max(1, Math.min(recipe.batchTokens, Math.floor(mostLogits / shape.vocabularySize)));
    const plan = planBatches(pieces, { ...recipe, batchTokens });
    const adamw = { ...adamwDefaults, weightDecay: recipe.weightDecay };
    const withDropout = recipe.dropout > 0;
    const frozen = lora && start ? start : undefined;
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
    return new EpochTrainer({ input, recipe, pieces, validation, plan, random, state, backend });
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

  /** Bits per prediction over the epoch so far. */
  get trainingBits(): number {
    const { nats, weight } = this.#position;
    return nats / weight / Math.LN2;
  }

  /** Trains on what is left of the epoch. `between` is awaited after each micro-batch, `onStep` after each step; both may throw to stop. */
  async runEpoch(epoch: number, between: () => Promise<void>, onStep: () => Promise<void>): Promise<void> {
    const { plan, pieces, random } = this.#parts;
    for (const batches of epochSteps(plan, pieces, random, epoch).slice(this.#position.epochStep)) {
      await this.#runStep(batches, between);
      await onStep();
    }
  }

  /** The next epoch starts from its first batch. */
  finishEpoch(): void {
    Object.assign(this.#position, { epochStep: 0, nats: 0, weight: 0 });
  }

  /** Bits per prediction on the validation data, or null where there is none. `between` may throw to stop. */
  async validationBits(between: () => Promise<void>): Promise<number | null> {
    const { backend, validation, plan } = this.#parts;
    return validation.predictions > 0 ? meanBits(backend, validation, plan.batchTokens, between) : null;
  }

  release(): Promise<void> {
    return this.#parts.backend.release();
  }

  async #runStep(batches: readonly Batch[], between: () => Promise<void>): Promise<void> {
    const { input, recipe, pieces, plan, backend } = this.#parts;
    const step = this.#position.step + 1;
    let [weight, tokens] = [0, 0];
    const fill = (batch: Batch, index: number): MicroBatch => {
      const microStep = step * plan.accumulation + index;
      const arrays = fillBatch(pieces, batch, plan.pieceWeights, this.#replace(microStep, batch.T));
      for (const piece of batch.entries) {
        tokens += predictionsOf(pieces, piece);
        if (!pieces.targetWeights) weight += (plan.pieceWeights[piece] ?? 0) * predictionsOf(pieces, piece);
      }
      if (pieces.targetWeights) weight = arrays.weights.reduce((sum, value) => sum + value, weight);
      return { ...arrays, inputs: this.#masks(batch, microStep) };
    };
    const learningRate = learningRateAt(step, input.maxEpochs * plan.stepsPerEpoch, input.learningRate, recipe.warmUp);
    const nats = await backend.step({ batches, fill, step, learningRate, between });
    // Only now: a step that was given up half-way is taken again from its first micro-batch.
    const { epochStep, nats: natsBefore, weight: weightBefore, tokens: tokensBefore } = this.#position;
    this.#position = {
      step,
      epochStep: epochStep + 1,
      nats: natsBefore + nats,
      weight: weightBefore + weight,
      tokens: tokensBefore + tokens,
    };
  }

  #masks(batch: Batch, microStep: number): MicroBatch['inputs'] {
    const { input, recipe, random } = this.#parts;
    return recipe.dropout > 0 ? dropoutMasks(dropoutSites(input.shape), batch, recipe.dropout, random, microStep) : {};
  }

  /** Draws anew which events become `unseen` each time a batch is filled: an id is never replaced for good. */
  #replace(microStep: number, T: number): Replace {
    const { random } = this.#parts;
    return (row, position, id) => {
      const probability = this.#unseen[id] ?? 0;
      if (probability === 0) return id;
      const drawn = random.uniform(randomStreams.unseen, microStep, row * (T + 1) + position);
      return drawn < probability ? keyTokens.unseen : id;
    };
  }
}
