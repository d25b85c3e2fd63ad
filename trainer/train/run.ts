/** @file One run on one backend: epochs, early stopping, progress, pausing, cancelling, checkpoints. */
import { AppError } from '../../src/shared/errors.ts';
import type { TrainOutput, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import type { CheckpointFolder } from '../files/checkpoint.ts';
import { gpt2Parameters, parameterCount } from '../gpt2/spec.ts';
import type { EpochTrainer, Position } from './epochs.ts';
import type { Gate } from './gate.ts';
import { Interlude } from './interlude.ts';
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
  readonly #interlude: Interlude;
  readonly #bestParameters: Float32Array;
  #best: Best | null = null;
  #finishedEpochs = 0;
  #evaluatedStep = 0;
  #curve: TrainProgress[] = [];
  #resumedFromStep: number | null = null;
  #refusedCheckpoints = 0;

  private constructor(parts: RunParts, parameters: Float32Array) {
    this.#task = parts.task;
    this.#context = parts.context;
    this.#trainer = parts.trainer;
    this.#checkpoints = parts.checkpoints;
    this.#on = parts.on;
    this.#interlude = new Interlude({
      signal: parts.context.signal,
      gate: parts.context.gate,
      saveEveryMs: parts.checkpoints?.everyMs ?? null,
      save: () => this.#save(),
      tell: () => this.#tell(),
    });
    this.#bestParameters = parameters.slice();
  }

  static async start(parts: RunParts): Promise<Run> {
    const run = new Run(parts, (await parts.trainer.state()).parameters);
    await run.#goOn();
    return run;
  }

  async toEnd(): Promise<Trained> {
    const { maxEpochs, patience } = this.#task;
    const between = (): Promise<void> => this.#interlude.pass();
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
        await between();
      });
      const validationBits = await this.#trainer.validationBits(between);
      const { trainingBits, position } = this.#trainer;
      // Without validation data nothing says that weights whose last step was skipped are still good.
      const bits = validationBits ?? (position.isLastSkipped ? NaN : trainingBits);
      diverged = !Number.isFinite(bits) || !Number.isFinite(trainingBits); // every step skipped; what was best so far is kept
      await this.#keepIfBest(epoch, bits);
      this.#finishedEpochs = epoch;
      const done = this.#progress(validationBits);
      this.#curve.push(done);
      this.#context.progress(done);
      this.#trainer.finishEpoch();
    }
    // So that whoever is cut off after this, writing the model say, need not train again.
    if (!diverged) await this.#interlude.save();
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
      elapsedMs: this.#interlude.elapsedMs,
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
    const bits = await this.#trainer.validationBits(() => this.#interlude.pass());
    if (bits !== null) await this.#keepIfBest(this.#finishedEpochs + 1, bits);
    this.#evaluatedStep = step;
  }

  /** Before an epoch's first step is done there is no loss of it to tell. */
  #tell(): void {
    if (!Number.isFinite(this.#trainer.trainingBits)) return;
    this.#context.progress(this.#progress(this.#curve.at(-1)?.validationBits ?? null));
  }

  #progress(validationBits: number | null): TrainProgress {
    const { position, stepsPerEpoch, trainingBits } = this.#trainer;
    const { elapsedMs } = this.#interlude;
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
      skippedSteps: position.skippedSteps,
      ...this.#on,
    };
  }

  /** Parameters, both moments, and the best parameters: everything that steps change. */
  async #arrays(): Promise<Float32Array[]> {
    const { parameters, firstMoment, secondMoment } = await this.#trainer.state();
    return [parameters, firstMoment, secondMoment, this.#bestParameters];
  }

  /** What is saved in the middle of a step is the state before it. */
  async #save(): Promise<void> {
    if (!this.#checkpoints) return;
    const position = this.#trainer.position;
    const saved: Saved = {
      position,
      finishedEpochs: this.#finishedEpochs,
      best: this.#best,
      evaluatedStep: this.#evaluatedStep,
      curve: this.#curve,
      elapsedMs: this.#interlude.elapsedMs,
    };
    await this.#checkpoints.folder.write(position.step, saved, await this.#arrays());
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
    this.#interlude.goOnFrom(elapsedMs);
    for (const point of this.#curve) this.#context.progress(point);
  }
}
