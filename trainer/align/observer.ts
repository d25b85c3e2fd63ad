/** @file Runs the forward graphs of training by reward over given parameters: what they say of tokens, and what they would say next. */
import type * as ort from 'onnxruntime-node';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { buildNextGraph, buildObserveGraph } from '../gpt2/alignGraphs.ts';
import type { Batch } from '../train/batches.ts';
import { createSession, stepBytes, tensorView } from '../train/session.ts';

/** A model's parameters by name. */
export type Feeds = Record<string, ort.Tensor>;

export class Observer {
  readonly #targets: ort.InferenceSession;
  readonly #probabilities: ort.InferenceSession;
  readonly #next: ort.InferenceSession;

  private constructor(targets: ort.InferenceSession, probabilities: ort.InferenceSession, next: ort.InferenceSession) {
    this.#targets = targets;
    this.#probabilities = probabilities;
    this.#next = next;
  }

  static async create(shape: KeyModelShape, batchTokens: number, intraOpThreads: number): Promise<Observer> {
    const bytes = stepBytes(shape, Math.max(batchTokens, shape.contextLength));
    const create = (model: Uint8Array): Promise<ort.InferenceSession> => createSession(model, intraOpThreads, bytes);
    return new Observer(
      await create(buildObserveGraph(shape, 'targets')),
      await create(buildObserveGraph(shape, 'probabilities')),
      await create(buildNextGraph(shape)),
    );
  }

  /** Of each of the B*T targets: surprise in nats, and how many tokens are more probable. */
  async targets(
    parameters: Feeds,
    { B, T }: Pick<Batch, 'B' | 'T'>,
    { ids, targets }: { ids: BigInt64Array; targets: BigInt64Array },
  ): Promise<{ surprise: Float32Array; rank: Float32Array }> {
    const feeds = { ...parameters, ids: tensorView(ids, [B, T]), targets: tensorView(targets, [B, T]) };
    const { surprise, rank } = await this.#targets.run(feeds);
    return { surprise: surprise?.data as Float32Array, rank: rank?.data as Float32Array };
  }

  /** Of every token at each of the B*T places: [N,V]. */
  async probabilities(
    parameters: Feeds,
    { B, T }: Pick<Batch, 'B' | 'T'>,
    ids: BigInt64Array,
  ): Promise<{ dims: readonly number[]; data: Float32Array }> {
    const { probabilities } = await this.#probabilities.run({ ...parameters, ids: tensorView(ids, [B, T]) });
    return { dims: probabilities?.dims ?? [], data: probabilities?.data as Float32Array };
  }

  /** One token for each of B sequences, after the last of their T: the most probable once `noise` [B,V] is added to the logits. */
  async next(
    parameters: Feeds,
    { B, T }: Pick<Batch, 'B' | 'T'>,
    ids: BigInt64Array,
    noise: Float32Array,
  ): Promise<BigInt64Array> {
    const feeds = {
      ...parameters,
      ids: tensorView(ids, [B, T]),
      row: tensorView(BigInt64Array.of(BigInt(T - 1)), [1]),
      noise: tensorView(noise, [B, noise.length / B]),
    };
    return (await this.#next.run(feeds)).next?.data as BigInt64Array;
  }

  async release(): Promise<void> {
    for (const session of [this.#targets, this.#probabilities, this.#next]) await session.release();
  }
}
