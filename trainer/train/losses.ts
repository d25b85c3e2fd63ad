/** @file Runs a training graph on the CPU: the loss of a batch, and its gradients into the state. */
import type * as ort from 'onnxruntime-node';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { buildTrainingGraph, type TrainingGraph, type TrainingGraphOptions } from '../gpt2/graphs.ts';
import type { FloatInputs } from './backend.ts';
import type { Batch, BatchArrays } from './batches.ts';
import { createSession, stepBytes, tensorView } from './session.ts';
import type { TrainState } from './state.ts';

export class LossRunner {
  readonly #session: ort.InferenceSession;
  readonly #state: TrainState;
  readonly #loss = new Float32Array(1);
  /** Every output is fetched into memory given beforehand: a step allocates nothing that has the size of the model. */
  readonly #fetches: Record<string, ort.Tensor>;

  private constructor(
    session: ort.InferenceSession,
    state: TrainState,
    lossName: string,
    gradientNames: readonly string[],
  ) {
    this.#session = session;
    this.#state = state;
    this.#fetches = { [lossName]: tensorView(this.#loss, []) };
    gradientNames.forEach((name, index) => {
      const tensor = state.gradientTensors[index];
      if (tensor) this.#fetches[name] = tensor;
    });
  }

  /** With gradients each run also leaves them in `state`; without, it is a forward pass only. With dropout it wants masks. */
  static async create(
    shape: KeyModelShape,
    state: TrainState,
    options: TrainingGraphOptions & { batchTokens: number; intraOpThreads: number },
  ): Promise<LossRunner> {
    const { batchTokens, intraOpThreads } = options;
    return LossRunner.of(buildTrainingGraph(shape, ['B', 'T'], options), shape, state, { batchTokens, intraOpThreads });
  }

  /** Runs another graph with a loss and gradients; what it wants besides tokens comes as `inputs`. */
  static async of(
    { model, lossName, gradientNames }: TrainingGraph,
    shape: KeyModelShape,
    state: TrainState,
    { batchTokens, intraOpThreads }: { batchTokens: number; intraOpThreads: number },
  ): Promise<LossRunner> {
    const session = await createSession(
      model,
      intraOpThreads,
      stepBytes(shape, Math.max(batchTokens, shape.contextLength)),
    );
    return new LossRunner(session, state, lossName, gradientNames);
  }

  /** sum weights * -ln p over the batch. */
  async run({ B, T }: Batch, arrays: BatchArrays & { inputs?: FloatInputs }): Promise<number> {
    const { ids, targets, weights, inputs = {} } = arrays;
    const feeds: Record<string, ort.Tensor> = {
      ...this.#state.parameterTensors,
      ids: tensorView(ids, [B, T]),
      targets: tensorView(targets, [B, T]),
      weights: tensorView(weights, [B, T]),
    };
    for (const [name, { data, dims }] of Object.entries(inputs)) feeds[name] = tensorView(data, dims);
    await this.#session.run(feeds, this.#fetches);
    return this.#loss[0] ?? NaN;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
