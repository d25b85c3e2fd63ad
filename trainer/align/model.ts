/** @file The model that reward changes, beside the reference that it is held to: their sessions, gradients summed over parts, one step. */
import type * as ort from 'onnxruntime-node';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { buildReferenceGraph } from '../gpt2/alignGraphs.ts';
import { gpt2Parameters, type ParameterSpec } from '../gpt2/spec.ts';
import { adamwDefaults, adamwStep } from '../train/adamw.ts';
import { cutBatches, fillBatch, predictionsOf, sortByLength, type Batch, type BatchArrays } from '../train/batches.ts';
import { LossRunner } from '../train/losses.ts';
import type { PieceSet } from '../train/pieces.ts';
import { createRandom } from '../train/random.ts';
import { createState, type TrainState } from '../train/state.ts';
import { Observer } from './observer.ts';

/** No [N,V] passes this many elements: 64 MB, and several are held at once. */
const mostLogits = 2 ** 24;
const mostBatchTokens = 2048;

export class AlignModel {
  readonly shape: KeyModelShape;
  readonly observer: Observer;
  /** Feeds of the model as it is now, and as it was. */
  readonly current: Record<string, ort.Tensor>;
  readonly reference: Record<string, ort.Tensor>;
  readonly #specs: readonly ParameterSpec[];
  readonly #state: TrainState;
  readonly #plain: LossRunner;
  readonly #held: LossRunner;
  readonly #sum: Float32Array;
  readonly #batchTokens: number;

  private constructor(
    shape: KeyModelShape,
    state: TrainState,
    reference: TrainState,
    observer: Observer,
    runners: { plain: LossRunner; held: LossRunner },
    batchTokens: number,
  ) {
    this.shape = shape;
    this.observer = observer;
    this.current = state.parameterTensors;
    this.reference = reference.parameterTensors;
    this.#specs = gpt2Parameters(shape);
    this.#state = state;
    this.#plain = runners.plain;
    this.#held = runners.held;
    this.#sum = new Float32Array(state.parameters.length);
    this.#batchTokens = batchTokens;
  }

  static async create(shape: KeyModelShape, start: Float32Array, intraOpThreads: number): Promise<AlignModel> {
    const specs = gpt2Parameters(shape);
    const [state, reference] = [createState(specs, createRandom(0)), createState(specs, createRandom(0))];
    for (const { parameters } of [state, reference]) parameters.set(start);
    const batchTokens = Math.max(1, Math.min(mostBatchTokens, Math.floor(mostLogits / shape.vocabularySize)));
    const options = { batchTokens, intraOpThreads };
    const plain = await LossRunner.create(shape, state, { ...options, withGradients: true });
    const held = await LossRunner.of(buildReferenceGraph(shape), shape, state, options);
    const observer = await Observer.create(shape, batchTokens, intraOpThreads);
    return new AlignModel(shape, state, reference, observer, { plain, held }, batchTokens);
  }

  get parameters(): Float32Array {
    return this.#state.parameters;
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
    await this.#plain.run(batch, arrays);
    this.#add();
  }

  /** As `addLoss`, and holds the model to the reference: `closeness` [B*T] times the divergence from it at each place. */
  async addHeldLoss(batch: Batch, arrays: BatchArrays, closeness: Float32Array): Promise<void> {
    const reference = await this.observer.probabilities(this.reference, batch, arrays.ids);
    const inputs = { reference, closeness: { dims: [batch.B, batch.T], data: closeness } };
    await this.#held.run(batch, { ...arrays, inputs });
    this.#add();
  }

  /** One clipped step with what was added since the last. */
  step(step: number, learningRate: number): void {
    adamwStep(this.#state, this.#sum, this.#specs, step, learningRate, { ...adamwDefaults, weightDecay: 0 });
    this.#sum.fill(0);
  }

  /** Surprise in nats of each prediction of piece `entry`, by entry. */
  async surprises(
    parameters: Record<string, ort.Tensor>,
    pieces: PieceSet,
    entries: Int32Array,
  ): Promise<Map<number, Float32Array>> {
    const found = new Map<number, Float32Array>();
    for (const { batch, arrays } of this.batches(pieces, entries)) {
      const { surprise } = await this.observer.targets(parameters, batch, arrays);
      batch.entries.forEach((piece, row) =>
        found.set(piece, surprise.slice(row * batch.T, row * batch.T + predictionsOf(pieces, piece))),
      );
    }
    return found;
  }

  async release(): Promise<void> {
    await this.#plain.release();
    await this.#held.release();
    await this.observer.release();
  }

  #add(): void {
    const { gradients } = this.#state;
    const sum = this.#sum;
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (gradients[i] as number);
  }
}
