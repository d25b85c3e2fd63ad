/** @file One run on one backend: epochs, early stopping, progress, pausing, cancelling, checkpoints. */
import { performance } from 'node:perf_hooks';
import { AppError } from '../../src/shared/errors.ts';
import type { TrainOutput, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import type { CheckpointFolder } from '../files/checkpoint.ts';
import { gpt2Parameters, parameterCount } from '../gpt2/spec.ts';
import type { EpochTrainer, Position } from './epochs.ts';
import { Gate } from './gate.ts';
import type { CreateBackend } from './providers.ts';
import type { TrainTask } from './task.ts';

export type Trained = Omit<TrainOutput, 'files'> & {
  /** The best epoch's, laid out as what is trained: `gpt2Parameters`, or `loraParameters`. */
  parameters: Float32Array;
};

export type TrainContext = {
  signal: AbortSignal;
  progress: (value: TrainProgress) => void;
  gate?: Gate;
  /** For tests of what happens when one fails. */
  create?: CreateBackend;
};

const progressIntervalMs = 200;
/** Writing checkpoints takes no more than a tenth of the time, but where one is wanted after every step: large models have gigabytes of state. */
const leastWorkPerSave = 9;
/** An improvement smaller than this is noise and does not reset the patience. */
const leastImprovementBits = 1e-4;

/** What a checkpoint holds besides the arrays. */
type Saved = {
  position: Position;
  /** Those whose validation loss is known. */
  finishedEpochs: number;
  /** Null before the first epoch that counts. */
  best: Best | null;
  /** The last step after which validation was asked for within an epoch. */
  evaluatedStep: number;
  /** The last progress of each finished epoch. */
  curve: TrainProgress[];
  elapsedMs: number;
};
type Best = { epoch: number; trainingBits: number; bits: number };

export type Checkpoints = { folder: CheckpointFolder; everyMs: number } | null;

export type RunParts = {
  task: TrainTask;
  context: TrainContext;
  trainer: EpochTrainer;
  checkpoints: Checkpoints;
  on: Pick<TrainProgress, 'provider' | 'providerFailure'>;
};

export class Run {
  readonly #task: TrainTask;
  readonly #context: TrainContext;
  readonly #trainer: EpochTrainer;
  readonly #checkpoints: Checkpoints;
  readonly #on: RunParts['on'];
  readonly #gate: Gate;
  readonly #bestParameters: Float32Array;
  #best: Best | null = null;
  #finishedEpochs = 0;
  #evaluatedStep = 0;
  #curve: TrainProgress[] = [];
  #resumedFromStep: number | null = null;
  #refusedCheckpoints = 0;
  /** Set back by what was trained before this start, and on by what was paused. */
  #startMs = performance.now();
  #lastProgressMs = -Infinity;
  #lastCheckpointMs = performance.now();
  /** How long writing it took. */
  #saveMs = 0;

  private constructor(parts: RunParts, parameters: Float32Array) {
    this.#task = parts.task;
    this.#context = parts.context;
    this.#trainer = parts.trainer;
    this.#checkpoints = parts.checkpoints;
    this.#on = parts.on;
    this.#gate = parts.context.gate ?? new Gate();
    this.#bestParameters = parameters.slice();
  }

  static async start(parts: RunParts): Promise<Run> {
    const run = new Run(parts, (await parts.trainer.state()).parameters);
    await run.#goOn();
    return run;
  }

  async toEnd(): Promise<Trained> {
    const { maxEpochs, patience } = this.#task;
    const between = (): Promise<void> => this.#between();
    let diverged = false;
    await this.#evaluateIfDue();
    while (
      !diverged &&
      this.#finishedEpochs < maxEpochs &&
      this.#finishedEpochs - (this.#best?.epoch ?? 0) < patience
    ) {
      const epoch = this.#finishedEpochs + 1;
      await this.#trainer.runEpoch(epoch, between, async () => {
        await this.#evaluateIfDue();
        await this.#between();
      });
      const validationBits = await this.#trainer.validationBits(between);
      const bits = validationBits ?? this.#trainer.trainingBits;
      diverged = !Number.isFinite(bits); // what was best so far is kept
      await this.#keepIfBest(epoch, bits);
      this.#finishedEpochs = epoch;
      const done = this.#progress(validationBits);
      this.#curve.push(done);
      this.#context.progress(done);
      this.#trainer.finishEpoch();
    }
    // So that whoever is cut off after this, writing the model say, need not train again.
    if (!diverged) await this.#save();
    if (!this.#best) {
      throw new AppError(
        'BAD_REQUEST',
        `Training diverged with learning rate ${this.#task.learningRate}; try a smaller one.`,
      );
    }
    return {
      parameters: this.#bestParameters,
      parameterCount: parameterCount(gpt2Parameters(this.#task.shape)),
      epochs: this.#finishedEpochs,
      bestEpoch: this.#best.epoch,
      trainingBits: this.#best.trainingBits,
      validationBits: this.#best.bits,
      stoppedEarly: this.#finishedEpochs < maxEpochs,
      elapsedMs: performance.now() - this.#startMs,
    };
  }

  async #keepIfBest(epoch: number, bits: number): Promise<void> {
    if (!(bits < (this.#best?.bits ?? Infinity) - leastImprovementBits)) return;
    this.#bestParameters.set((await this.#trainer.state()).parameters);
    this.#best = { epoch, trainingBits: this.#trainer.trainingBits, bits };
  }

  /** Validation in the middle of an epoch, where the recipe asks for it. Also first thing after a checkpoint that lies just before one. */
  async #evaluateIfDue(): Promise<void> {
    const { evaluateEverySteps } = this.#task.recipe;
    const { step, epochStep } = this.#trainer.position;
    if (evaluateEverySteps === null || step % evaluateEverySteps !== 0 || step === this.#evaluatedStep) return;
    if (epochStep === 0 || epochStep === this.#trainer.stepsPerEpoch) return; // the epoch's own is next, or has been
    const bits = await this.#trainer.validationBits(() => this.#between());
    if (bits !== null) await this.#keepIfBest(this.#finishedEpochs + 1, bits);
    this.#evaluatedStep = step;
  }

  /**
   * Between micro-batches, in training and in validation: the moment to stop, to stand still, to save and to tell. What is saved in the
   * middle of a step is the state before it.
   */
  async #between(): Promise<void> {
    const { signal, progress } = this.#context;
    if (this.#gate.isClosed) {
      const pausedMs = performance.now();
      await this.#gate.pass(() => this.#save(), signal);
      this.#startMs += performance.now() - pausedMs;
    }
    if (signal.aborted) throw new AppError('CANCELLED', 'Training was cancelled.');
    const nowMs = performance.now();
    const everyMs = this.#checkpoints?.everyMs ?? Infinity;
    const leastMs = everyMs > 0 ? leastWorkPerSave * this.#saveMs : 0;
    if (nowMs - this.#lastCheckpointMs >= Math.max(everyMs, leastMs)) await this.#save();
    // Before an epoch's first step is done there is no loss of it to tell.
    const isMeasured = Number.isFinite(this.#trainer.trainingBits);
    if (isMeasured && nowMs - this.#lastProgressMs >= progressIntervalMs) {
      this.#lastProgressMs = nowMs;
      progress(this.#progress(this.#curve.at(-1)?.validationBits ?? null));
    }
  }

  #progress(validationBits: number | null): TrainProgress {
    const { position, stepsPerEpoch, trainingBits } = this.#trainer;
    const elapsedMs = performance.now() - this.#startMs;
    return {
      epoch: position.epochStep === 0 ? this.#finishedEpochs : Math.ceil(position.step / stepsPerEpoch),
      maxEpochs: this.#task.maxEpochs,
      step: position.epochStep,
      stepsPerEpoch,
      trainingBits,
      validationBits,
      bestValidationBits: validationBits === null ? null : (this.#best?.bits ?? null),
      tokensPerSecond: (position.tokens / elapsedMs) * 1000,
      elapsedMs,
      resumedFromStep: this.#resumedFromStep,
      refusedCheckpoints: this.#refusedCheckpoints,
      ...this.#on,
    };
  }

  /** Parameters, both moments, and the best parameters: everything that steps change. */
  async #arrays(): Promise<Float32Array[]> {
    const { parameters, firstMoment, secondMoment } = await this.#trainer.state();
    return [parameters, firstMoment, secondMoment, this.#bestParameters];
  }

  async #save(): Promise<void> {
    if (!this.#checkpoints) return;
    const startMs = performance.now();
    const position = this.#trainer.position;
    const saved: Saved = {
      position,
      finishedEpochs: this.#finishedEpochs,
      best: this.#best,
      evaluatedStep: this.#evaluatedStep,
      curve: this.#curve,
      elapsedMs: performance.now() - this.#startMs,
    };
    await this.#checkpoints.folder.write(position.step, saved, await this.#arrays());
    this.#lastCheckpointMs = performance.now();
    this.#saveMs = this.#lastCheckpointMs - startMs;
  }

  async #goOn(): Promise<void> {
    if (!this.#checkpoints) return;
    const { state, refused } = await this.#checkpoints.folder.read(await this.#arrays());
    this.#refusedCheckpoints = refused;
    if (state === null) return;
    const { position, finishedEpochs, best, evaluatedStep, curve, elapsedMs } = state as Saved; // ours: its hash and its fingerprint say so
    await this.#trainer.moveTo(position);
    this.#finishedEpochs = finishedEpochs;
    this.#best = best;
    this.#evaluatedStep = evaluatedStep;
    this.#resumedFromStep = position.step;
    const told = { resumedFromStep: position.step, refusedCheckpoints: refused, ...this.#on };
    this.#curve = curve.map((point) => ({ ...point, ...told }));
    this.#startMs -= elapsedMs;
    for (const point of this.#curve) this.#context.progress(point);
  }
}
