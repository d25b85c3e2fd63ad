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

/** Small models get as many steps as fit; of a large one no more than two micro-batches are done. */
const timedMs = 2000;
const mostSteps = 20;
const mostMicroBatches = 2;

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
  /** What warms up: counts only where it took so long that there was no time for another. */
  readonly #first: Sum = { ms: 0, tokens: 0, count: 0 };
  readonly #inner: Sum = { ms: 0, tokens: 0, count: 0 };
  readonly #last: Sum = { ms: 0, tokens: 0, count: 0 };
  #hasInner = false;

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
    this.#hasInner = perStep > 1;
    let next = 0;
    const take = (count: number): Batch[] =>
      Array.from({ length: count }, () => batches[next++ % batches.length] ?? largest);
    const startMs = performance.now();
    await this.#step([largest, ...take(perStep - 1)], isCompiled ? perStep : 1);
    for (let step = 1; step < mostSteps; step++) {
      if (this.#last.count > 0 && performance.now() - startMs >= timedMs) return;
      const chosen = take(perStep);
      if (isCompiled) await this.#step(chosen, perStep);
      await this.#step(chosen, 0);
    }
  }

  /** What a token takes where steps have `stepTokens` of them. */
  msPerToken(stepTokens: number): number {
    const last = this.#last;
    if (!this.#hasInner) return last.ms / last.tokens;
    const inner = this.#inner.count > 0 ? this.#inner : this.#first;
    const each = inner.ms / inner.tokens;
    return each + Math.max(0, last.ms - each * last.tokens) / last.count / stepTokens;
  }

  /** The first `untimed` of the micro-batches only warm up. */
  async #step(batches: readonly Batch[], untimed: number): Promise<void> {
    let [index, fromMs] = [0, performance.now()];
    const record = (sum: Sum): void => {
      const [batch, nowMs] = [batches[index], performance.now()];
      const counted = index < untimed ? this.#first : sum;
      if (batch) {
        counted.ms += nowMs - fromMs;
        counted.tokens += this.#trainer.tokensOf(batch);
        counted.count++;
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
