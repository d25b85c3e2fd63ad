/** @file Runs the training graphs: the gradients of a batch into the state, and the loss of held-out pieces. */
import type * as ort from 'onnxruntime-node';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { buildTrainingGraph } from '../gpt2/graphs.ts';
import { cutBatches, fillBatch, sortByLength, type Batch, type BatchArrays } from './batches.ts';
import type { PieceSet } from './pieces.ts';
import { createSession, stepBytes, tensorView } from './session.ts';
import type { TrainState } from './state.ts';

export class LossRunner {
  readonly #session: ort.InferenceSession;
  readonly #state: TrainState;
  readonly #batchTokens: number;
  readonly #loss = new Float32Array(1);
  /** Every output is fetched into memory given beforehand: a step allocates nothing that has the size of the model. */
  readonly #fetches: Record<string, ort.Tensor>;

  private constructor(
    session: ort.InferenceSession,
    state: TrainState,
    batchTokens: number,
    lossName: string,
    gradientNames: readonly string[],
  ) {
    this.#session = session;
    this.#state = state;
    this.#batchTokens = batchTokens;
    this.#fetches = { [lossName]: tensorView(this.#loss, []) };
    gradientNames.forEach((name, index) => {
      const tensor = state.gradientTensors[index];
      if (tensor) this.#fetches[name] = tensor;
    });
  }

  /** With gradients each run also leaves them in `state`; without, it is a forward pass only. */
  static async create(
    shape: KeyModelShape,
    state: TrainState,
    options: { withGradients: boolean; batchTokens: number; intraOpThreads: number },
  ): Promise<LossRunner> {
    const { withGradients, batchTokens, intraOpThreads } = options;
    const { model, lossName, gradientNames } = buildTrainingGraph(shape, ['B', 'T'], withGradients);
    const session = await createSession(
      model,
      intraOpThreads,
      stepBytes(shape, Math.max(batchTokens, shape.contextLength)),
    );
    return new LossRunner(session, state, batchTokens, lossName, gradientNames);
  }

  /** sum weights * -ln p over the batch. */
  async run({ B, T }: Batch, { ids, targets, weights }: BatchArrays): Promise<number> {
    const feeds = {
      ...this.#state.parameterTensors,
      ids: tensorView(ids, [B, T]),
      targets: tensorView(targets, [B, T]),
      weights: tensorView(weights, [B, T]),
    };
    await this.#session.run(feeds, this.#fetches);
    return this.#loss[0] ?? NaN;
  }

  /** Mean bits per prediction over `pieces`, each weighing as often as it occurs. `betweenBatches` may throw to stop. */
  async meanBits(pieces: PieceSet, betweenBatches: () => Promise<void>): Promise<number> {
    const weights = Float64Array.from(pieces.counts);
    const order = sortByLength(Int32Array.from(pieces.counts.keys()), pieces);
    let nats = 0;
    for (const batch of cutBatches(order, pieces, this.#batchTokens)) {
      await betweenBatches();
      nats += await this.run(batch, fillBatch(pieces, batch, weights));
    }
    return nats / pieces.predictions / Math.LN2;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
