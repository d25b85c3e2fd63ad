/** @file Runs a training graph on the CPU: the loss of a batch, and its gradients into the state. */
import type * as ort from 'onnxruntime-node';
import { buildTrainingGraph, type TrainingGraph, type TrainingGraphOptions } from '../gpt2/graphs.ts';
import { firstAddedToken } from '../gpt2/lora.ts';
import type { NetworkShape } from '../gpt2/spec.ts';
import type { FloatInputs } from './backend.ts';
import type { Batch, BatchArrays } from './batches.ts';
import { createSession, stepBytes, tensorView } from './session.ts';
import type { TrainState } from './state.ts';
import { tokenInputs } from './tokenInputs.ts';

type SessionOptions = { batchTokens: number; intraOpThreads: number };

export class LossRunner {
  readonly #session: ort.InferenceSession;
  readonly #state: TrainState;
  readonly #loss = new Float32Array(1);
  /** Every output is fetched into memory given beforehand: a step allocates nothing that has the size of the model. */
  readonly #fetches: Record<string, ort.Tensor>;
  readonly #firstAdded: number | null;

  private constructor(
    session: ort.InferenceSession,
    state: TrainState,
    { lossName, gradientNames }: TrainingGraph,
    firstAdded: number | null,
  ) {
    this.#session = session;
    this.#state = state;
    this.#firstAdded = firstAdded;
    this.#fetches = { [lossName]: tensorView(this.#loss, []) };
    gradientNames.forEach((name, index) => {
      const tensor = state.gradientTensors[index];
      if (tensor) this.#fetches[name] = tensor;
    });
  }

  /** With gradients each run also leaves them in `state`; without, it is a forward pass only. With dropout it wants masks. */
  static async create(
    shape: NetworkShape,
    state: TrainState,
    options: TrainingGraphOptions & SessionOptions,
  ): Promise<LossRunner> {
    const firstAdded = firstAddedToken(shape, options.lora);
    const T = shape.isClassifier ? shape.contextLength : 'T';
    return LossRunner.of(buildTrainingGraph(shape, ['B', T], options), shape, state, options, firstAdded);
  }

  /** Runs another graph with a loss and gradients; what it wants besides tokens comes as `inputs`. */
  static async of(
    graph: TrainingGraph,
    shape: NetworkShape,
    state: TrainState,
    { batchTokens, intraOpThreads }: SessionOptions,
    firstAdded: number | null = null,
  ): Promise<LossRunner> {
    const session = await createSession(
      graph.model,
      intraOpThreads,
      stepBytes(shape, Math.max(batchTokens, shape.contextLength)),
    );
    return new LossRunner(session, state, graph, firstAdded);
  }

  /** sum weights * -ln p over the batch. */
  async run({ B, T }: Batch, arrays: BatchArrays & { inputs?: FloatInputs }): Promise<number> {
    const feeds: Record<string, ort.Tensor> = {
      ...this.#state.parameterTensors,
      ...tokenInputs(arrays, [B, T], this.#firstAdded),
    };
    for (const [name, { data, dims }] of Object.entries(arrays.inputs ?? {})) feeds[name] = tensorView(data, dims);
    await this.#session.run(feeds, this.#fetches);
    return this.#loss[0] ?? NaN;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
