/** @file The model that reward changes, beside the reference that it is held to: their sessions, gradients summed over parts, one step. */
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { buildReferenceGraph } from '../gpt2/alignGraphs.ts';
import { gpt2Parameters, type ParameterSpec } from '../gpt2/spec.ts';
import { adamwDefaults, adamwStep } from '../train/adamw.ts';
import { cutBatches, fillBatch, predictionsOf, sortByLength, type Batch, type BatchArrays } from '../train/batches.ts';
import { LossRunner } from '../train/losses.ts';
import type { PieceSet } from '../train/pieces.ts';
import { createState, tensorsByName, type TrainState } from '../train/state.ts';
import { Observer, type Feeds } from './observer.ts';

/** No [N,V] passes this many elements: 64 MB, and several are held at once. */
const mostLogits = 2 ** 24;
const mostBatchTokens = 2048;

type Sessions = { plain: LossRunner; held: LossRunner; observer: Observer };

export class AlignModel {
  readonly shape: KeyModelShape;
  /** Feeds of the model as it is now, and as it was. */
  readonly current: Feeds;
  readonly reference: Feeds;
  /** Awaited before each batch that is computed; may throw to stop. */
  between: () => Promise<void> = () => Promise.resolve();
  /** Parameters and moments: what steps change. */
  readonly state: TrainState;
  /** The sum of what was added since the last step. */
  readonly gradients: Float32Array;
  readonly #specs: readonly ParameterSpec[];
  readonly #sessions: Sessions;
  readonly #batchTokens: number;

  private constructor(
    shape: KeyModelShape,
    start: Float32Array,
    state: TrainState,
    sessions: Sessions,
    batchTokens: number,
  ) {
    this.shape = shape;
    this.#specs = gpt2Parameters(shape);
    this.current = state.parameterTensors;
    this.reference = tensorsByName(this.#specs, start);
    this.state = state;
    this.#sessions = sessions;
    this.gradients = new Float32Array(start.length);
    this.#batchTokens = batchTokens;
  }

  /** `start` itself becomes the reference and must not change. */
  static async create(shape: KeyModelShape, start: Float32Array, intraOpThreads: number): Promise<AlignModel> {
    const state = createState(gpt2Parameters(shape), null);
    state.parameters.set(start);
    const batchTokens = Math.max(1, Math.min(mostBatchTokens, Math.floor(mostLogits / shape.vocabularySize)));
    const options = { batchTokens, intraOpThreads };
    const sessions = {
      plain: await LossRunner.create(shape, state, { ...options, withGradients: true }),
      held: await LossRunner.of(buildReferenceGraph(shape), shape, state, options),
      observer: await Observer.create(shape, batchTokens, intraOpThreads),
    };
    return new AlignModel(shape, start, state, sessions, batchTokens);
  }

  /** The pieces `entries`, in batches that fit, weights zero. */
  batches(pieces: PieceSet, entries: Int32Array): { batch: Batch; arrays: BatchArrays }[] {
    const none = new Float64Array(pieces.counts.length);
    return cutBatches(sortByLength(entries, pieces), pieces, this.#batchTokens).map((batch) => ({
      batch,
      arrays: fillBatch(pieces, batch, none),
    }));
  }

  /** Adds the gradient of sum weights * -ln p; weights may be negative. */
  async addLoss(batch: Batch, arrays: BatchArrays): Promise<void> {
    await this.between();
    await this.#sessions.plain.run(batch, arrays);
    this.#add();
  }

  /** As `addLoss`, and holds the model to the reference: `closeness` [B*T] times the cross entropy of the reference with it at each place. */
  async addHeldLoss(batch: Batch, arrays: BatchArrays, closeness: Float32Array): Promise<void> {
    await this.between();
    const reference = await this.#sessions.observer.probabilities(this.reference, batch, arrays.ids);
    const inputs = { reference, closeness: { dims: [batch.B, batch.T], data: closeness } };
    await this.#sessions.held.run(batch, { ...arrays, inputs });
    this.#add();
  }

  /** One clipped step with what was added since the last. False where that holds what is no number: nothing is changed then. */
  step(step: number, learningRate: number): boolean {
    const options = { ...adamwDefaults, weightDecay: 0 };
    const norm = adamwStep(this.state, this.gradients, this.#specs, step, learningRate, options);
    this.gradients.fill(0);
    return Number.isFinite(norm);
  }

  /** Surprise in nats of each prediction of piece `entry`, by entry. */
  async surprises(parameters: Feeds, pieces: PieceSet, entries: Int32Array): Promise<Map<number, Float32Array>> {
    const found = new Map<number, Float32Array>();
    for (const { batch, arrays } of this.batches(pieces, Int32Array.from(new Set(entries)))) {
      const { surprise } = await this.targets(parameters, batch, arrays);
      batch.entries.forEach((piece, row) =>
        found.set(piece, surprise.slice(row * batch.T, row * batch.T + predictionsOf(pieces, piece))),
      );
    }
    return found;
  }

  /** As the observer's. */
  async targets(...asked: Parameters<Observer['targets']>): ReturnType<Observer['targets']> {
    await this.between();
    return this.#sessions.observer.targets(...asked);
  }

  /** As the observer's. */
  async next(...asked: Parameters<Observer['next']>): ReturnType<Observer['next']> {
    await this.between();
    return this.#sessions.observer.next(...asked);
  }

  async release(): Promise<void> {
    for (const session of Object.values(this.#sessions)) await session.release();
  }

  #add(): void {
    const { state, gradients } = this;
    for (let i = 0; i < gradients.length; i++) gradients[i] = (gradients[i] as number) + (state.gradients[i] as number);
  }
}
