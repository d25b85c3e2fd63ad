/** @file What computes: the one interface over every provider. The state's arrays are the host's copy of what a backend trains. */
import type { LoraOptions } from '../../src/shared/trainerProtocol.ts';
import type { NetworkShape, ParameterSpec } from '../gpt2/spec.ts';
import type { AdamwOptions } from './adamw.ts';
import type { Batch, BatchArrays } from './batches.ts';
import type { TrainState } from './state.ts';

/** What a graph is fed besides the tokens, by name: dropout masks. */
export type FloatInputs = Record<string, { dims: readonly number[]; data: Float32Array }>;

/** One micro-batch, filled when its turn comes. */
export type MicroBatch = BatchArrays & { inputs: FloatInputs };

export type BackendOptions = {
  shape: NetworkShape;
  /** Of what is trained. */
  specs: readonly ParameterSpec[];
  state: TrainState;
  adamw: AdamwOptions;
  batchTokens: number;
  intraOpThreads: number;
  withDropout: boolean;
  lora?: LoraOptions | undefined;
  /** The model's parameters, laid out as `gpt2Parameters`, where only adapters are trained. */
  frozen?: Float32Array | undefined;
};

export type StepOptions = {
  batches: readonly Batch[];
  fill: (batch: Batch, index: number) => MicroBatch;
  /** From 1. */
  step: number;
  learningRate: number;
  /** Awaited between micro-batches; may throw to give the step up, with nothing changed. */
  between: () => Promise<void>;
};

export interface Backend {
  /**
   * Sums the gradients of the micro-batches, clips them, and takes one AdamW step. Returns the loss: sum weights * -ln p; NaN
   * where a gradient was not finite and the step was skipped, with nothing changed.
   */
  step(options: StepOptions): Promise<number>;
  /** The same loss of a batch that is not trained on. */
  loss(batch: Batch, arrays: BatchArrays): Promise<number>;
  /** Brings the state's arrays up to date: before they are saved or kept as the best. */
  download(): Promise<void>;
  /** Takes up the state's arrays: after they were changed from outside. */
  upload(): Promise<void>;
  release(): Promise<void>;
}
