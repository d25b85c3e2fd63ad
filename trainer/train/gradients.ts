/** @file Runs the gradient graph: one session per bucket shape, made when first needed, with its buffers allocated once. */
import type * as ort from 'onnxruntime-node';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { buildTrainingGraph } from '../gpt2/graphs.ts';
import { allocateBatch, type BatchArrays } from './batches.ts';
import { createSession, tensorView } from './session.ts';
import type { TrainState } from './state.ts';

type Runner = {
  session: ort.InferenceSession;
  arrays: BatchArrays;
  feeds: Record<string, ort.Tensor>;
  fetches: Record<string, ort.Tensor>;
  loss: Float32Array;
};

export class GradientRunners {
  readonly #shape: KeyModelShape;
  readonly #state: TrainState;
  readonly #threads: number;
  readonly #runners = new Map<string, Runner>();

  constructor(shape: KeyModelShape, state: TrainState, intraOpThreads: number) {
    this.#shape = shape;
    this.#state = state;
    this.#threads = intraOpThreads;
  }

  /** Lets `fill` write the batch, then leaves its gradients in the state. Returns the loss, sum weights * -ln p. */
  async run(B: number, T: number, fill: (arrays: BatchArrays) => void): Promise<number> {
    const { session, arrays, feeds, fetches, loss } = await this.#runner(B, T);
    fill(arrays);
    await session.run(feeds, fetches);
    return loss[0] ?? NaN;
  }

  async release(): Promise<void> {
    for (const { session } of this.#runners.values()) await session.release();
    this.#runners.clear();
  }

  async #runner(B: number, T: number): Promise<Runner> {
    const key = `${B}x${T}`;
    const known = this.#runners.get(key);
    if (known) return known;
    const graph = buildTrainingGraph(this.#shape, B, T, true);
    const session = await createSession(graph.model, this.#threads);
    const arrays = allocateBatch(B, T);
    const loss = new Float32Array(1);
    // Every output is fetched into memory given beforehand: nothing is allocated in a step.
    const fetches: Record<string, ort.Tensor> = { [graph.lossName]: tensorView(loss, []) };
    graph.gradientNames.forEach((name, index) => {
      const tensor = this.#state.gradientTensors[index];
      if (tensor) fetches[name] = tensor;
    });
    const feeds = {
      ...this.#state.parameterTensors,
      ids: tensorView(arrays.ids, [B, T]),
      targets: tensorView(arrays.targets, [B, T]),
      weights: tensorView(arrays.weights, [B, T]),
    };
    const runner = { session, arrays, feeds, fetches, loss };
    this.#runners.set(key, runner);
    return runner;
  }
}
