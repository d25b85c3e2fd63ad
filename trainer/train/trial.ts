/** @file What a training would take, found by doing some of it: the largest micro-batch for its memory, those it begins with for its speed. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { AppError } from '../../src/shared/errors.ts';
import type { TrainingTrial } from '../../src/shared/trainerProtocol.ts';
import { gpt2Parameters, parameterCount } from '../gpt2/spec.ts';
import type { Batch } from './batches.ts';
import type { EpochTrainer } from './epochs.ts';
import { stepBytes } from './session.ts';
import type { TrainContext } from './run.ts';
import type { TrainTask } from './task.ts';
import { withTrainer } from './train.ts';

/** Small models get as many steps as fit; of a large one no more than three micro-batches are done. */
const timedMs = 2000;
const mostSteps = 20;
const mostMicroBatches = 3;

/** Nothing of it is kept. Throws as `runTask`. */
export function tryTask(
  task: TrainTask,
  { signal, create }: Pick<TrainContext, 'signal' | 'create'>,
): Promise<TrainingTrial> {
  return withTrainer(task, create, async (trainer, on) => {
    const best = (await trainer.state()).parameters.slice(); // as a run keeps beside what it trains
    const times = new StepTimes(trainer, signal);
    await times.measure(task, on.provider === 'webgpu');
    const { tokensPerEpoch, stepsPerEpoch } = trainer;
    return {
      tokensPerSecond: 1000 / times.msPerToken(tokensPerEpoch / stepsPerEpoch),
      tokensPerEpoch,
      stepsPerEpoch,
      parameterCount: parameterCount(gpt2Parameters(task.shape)),
      trainedParameterCount: best.length,
      peakBytes: process.resourceUsage().maxRSS * 1024, // kilobytes on every system
      ...on,
    };
  });
}

type Sum = { ms: number; tokens: number; count: number };

/** Times micro-batches, and apart from them the last of each step, which the optimiser's own time comes with. */
class StepTimes {
  readonly #trainer: EpochTrainer;
  readonly #signal: AbortSignal;
  readonly #inner: Sum = { ms: 0, tokens: 0, count: 0 };
  readonly #last: Sum = { ms: 0, tokens: 0, count: 0 };

  constructor(trainer: EpochTrainer, signal: AbortSignal) {
    this.#trainer = trainer;
    this.#signal = signal;
  }

  /** `isCompiled`: the first batch of a shape makes a session for it, which is not to be timed. */
  async measure({ shape, recipe }: TrainTask, isCompiled: boolean): Promise<void> {
    const batches = this.#trainer.steps(1).flat();
    const bytes = ({ B, T }: Batch): number => stepBytes({ ...shape, contextLength: T }, B * T);
    const largest = batches.reduce((most, batch) => (bytes(batch) > bytes(most) ? batch : most));
    const perStep = Math.min(recipe.accumulation, mostMicroBatches);
    let next = 0;
    const take = (count: number): Batch[] =>
      Array.from({ length: count }, () => batches[next++ % batches.length] ?? largest);
    const startMs = performance.now();
    await this.#step([largest, ...take(perStep - 1)], 1);
    const isKnown = (): boolean => this.#last.count > 0 && (perStep === 1 || this.#inner.count > 0);
    for (let step = 1; step < mostSteps; step++) {
      if (isKnown() && performance.now() - startMs >= timedMs) return;
      const chosen = take(perStep);
      if (isCompiled) await this.#step(chosen, perStep);
      await this.#step(chosen, 0);
    }
  }

  /** What a token takes where steps have `stepTokens` of them. */
  msPerToken(stepTokens: number): number {
    const [inner, last] = [this.#inner, this.#last];
    if (inner.count === 0) return last.ms / last.tokens;
    const each = inner.ms / inner.tokens;
    return each + Math.max(0, last.ms - each * last.tokens) / last.count / stepTokens;
  }

  /** The first `untimed` of the micro-batches warm up what the others are timed with. */
  async #step(batches: readonly Batch[], untimed: number): Promise<void> {
    let [index, fromMs] = [0, performance.now()];
    const record = (sum: Sum): void => {
      const [batch, nowMs] = [batches[index], performance.now()];
      if (batch && index >= untimed) {
        sum.ms += nowMs - fromMs;
        sum.tokens += this.#trainer.tokensOf(batch);
        sum.count++;
      }
      [index, fromMs] = [index + 1, nowMs];
    };
    await this.#trainer.runStep(batches, () => {
      if (this.#signal.aborted) throw new AppError('CANCELLED', 'Trying the training was cancelled.');
      record(this.#inner);
      return Promise.resolve();
    });
    if (this.#signal.aborted) throw new AppError('CANCELLED', 'Trying the training was cancelled.');
    record(this.#last);
  }
}
