/**
 * @file Training on the CPU: a gradient graph into memory given beforehand, AdamW in place in JavaScript (trainer.md 3: faster there than
 * in the graph).
 */
import { adamwStep } from './adamw.ts';
import type { Backend, BackendOptions, StepOptions } from './backend.ts';
import type { Batch, BatchArrays } from './batches.ts';
import { LossRunner } from './losses.ts';

/** Below this many activations a further thread costs more in hand-overs than it computes (measured: 512 x 64 slower, 2,048 x 64 faster). */
const activationsPerThread = 2 ** 16;

export class CpuBackend implements Backend {
  readonly #options: BackendOptions;
  readonly #gradients: LossRunner;
  readonly #evaluator: LossRunner;
  /** Where several micro-batches make a step. */
  #sum: Float32Array | undefined;

  private constructor(options: BackendOptions, gradients: LossRunner, evaluator: LossRunner) {
    this.#options = options;
    this.#gradients = gradients;
    this.#evaluator = evaluator;
  }

  static async create(options: BackendOptions): Promise<CpuBackend> {
    const { shape, state, batchTokens } = options;
    const usefulThreads = Math.max(1, Math.floor((batchTokens * shape.width) / activationsPerThread));
    const sessions = { ...options, intraOpThreads: Math.min(options.intraOpThreads, usefulThreads) };
    const gradients = await LossRunner.create(shape, state, { ...sessions, withGradients: true });
    const evaluator = await LossRunner.create(shape, state, { ...sessions, withGradients: false, withDropout: false });
    return new CpuBackend(options, gradients, evaluator);
  }

  async step({ batches, fill, step, learningRate, between }: StepOptions): Promise<number> {
    const { state, specs, adamw } = this.#options;
    const { gradients } = state;
    let loss = 0;
    for (const [index, batch] of batches.entries()) {
      if (index > 0) await between();
      loss += await this.#gradients.run(batch, fill(batch, index));
      if (batches.length === 1) break;
      this.#sum ??= new Float32Array(gradients.length);
      if (index === 0) this.#sum.set(gradients);
      else
        for (let i = 0; i < gradients.length; i++) this.#sum[i] = (this.#sum[i] as number) + (gradients[i] as number);
    }
    const summed = batches.length > 1 && this.#sum ? this.#sum : gradients;
    return Number.isFinite(adamwStep(state, summed, specs, step, learningRate, adamw)) ? loss : NaN;
  }

  loss(batch: Batch, arrays: BatchArrays): Promise<number> {
    return this.#evaluator.run(batch, arrays);
  }

  // The state's arrays are what is trained.
  download(): Promise<void> {
    return Promise.resolve();
  }

  upload(): Promise<void> {
    return Promise.resolve();
  }

  async release(): Promise<void> {
    await this.#gradients.release();
    await this.#evaluator.release();
  }
}
