/** @file One run of training by reward: epochs and their figures, what is kept, progress, checkpoints. */
import type { AlignEpoch, AlignInput, AlignOutput, AlignProgress } from '../../src/shared/alignProtocol.ts';
import { AppError } from '../../src/shared/errors.ts';
import { alignRecipe } from '../../src/shared/recipes.ts';
import type { CheckpointFolder } from '../files/checkpoint.ts';
import type { Gate } from '../train/gate.ts';
import { Interlude } from '../train/interlude.ts';
import { learningRateAt } from '../train/schedule.ts';
import type { AlignModel } from './model.ts';
import type { Normals } from './normals.ts';
import type { Objective } from './objective.ts';

/** An epoch after which normal sequences are less likely by more than this is not kept (science.md 7.5, gate). */
const mostDrift = 0.02;

export type Aligned = Omit<AlignOutput, 'files'> & { parameters: Float32Array };

export type AlignContext = { signal: AbortSignal; progress: (value: AlignProgress) => void; gate?: Gate };

export type AlignParts = {
  input: AlignInput;
  context: AlignContext;
  /** The reference. */
  start: Float32Array;
  model: AlignModel;
  normals: Normals;
  objective: Objective;
  /** Null: none are written. */
  checkpoints: CheckpointFolder | null;
};

/** What steps and epochs change besides the arrays; all else follows from the input. */
type Position = {
  /** Over all epochs. */
  step: number;
  /** Those whose figures are known, from epoch 0 on. */
  epochs: AlignEpoch[];
  keptEpoch: number;
  /** What the objective carries from step to step. */
  carried: number | null;
  /** What the sequences of the epoch's steps so far were worth, and how many they are. */
  sum: number;
  count: number;
};
type Saved = { position: Position; elapsedMs: number };

export class AlignRun {
  readonly #parts: AlignParts;
  readonly #interlude: Interlude;
  #position: Position = { step: 0, epochs: [], keptEpoch: 0, carried: null, sum: 0, count: 0 };
  /** Null while the reference is the best: it is not held twice. */
  #best: Float32Array | null = null;
  #resumedFromStep: number | null = null;
  #refusedCheckpoints = 0;

  private constructor(parts: AlignParts) {
    const { input, context, model } = parts;
    this.#parts = parts;
    this.#interlude = new Interlude({
      signal: context.signal,
      gate: context.gate,
      saveEveryMs: input.checkpoint?.everyMs ?? null,
      save: () => this.#save(),
      tell: () => context.progress(this.#progress(this.#position.epochs.length, null)),
    });
    model.between = () => this.#interlude.pass();
  }

  static async start(parts: AlignParts): Promise<AlignRun> {
    const run = new AlignRun(parts);
    await run.#goOn();
    return run;
  }

  async toEnd(): Promise<Aligned> {
    const { input, objective, start } = this.#parts;
    let diverged = false;
    while (!diverged && this.#position.epochs.length <= input.epochs) {
      const lastStep = this.#position.epochs.length * objective.stepsPerEpoch; // none in epoch 0: it is the reference
      while (!diverged && this.#position.step < lastStep) diverged = !(await this.#takeStep());
      diverged ||= !(await this.#finishEpoch());
    }
    const { epochs, keptEpoch } = this.#position;
    if (diverged && keptEpoch === 0) {
      throw new AppError(
        'BAD_REQUEST',
        `Training by reward diverged with learning rate ${input.learningRate}; try a smaller one.`,
      );
    }
    // So that whoever is cut off after this, writing the model say, need not train again.
    if (!diverged) await this.#interlude.save();
    return { parameters: this.#best ?? start, epochs, keptEpoch, diverged, elapsedMs: this.#interlude.elapsedMs };
  }

  /** False where the gradient was no number. */
  async #takeStep(): Promise<boolean> {
    const { input, model, objective } = this.#parts;
    const step = this.#position.step + 1;
    const { carried, sum, count } = await objective.addGradients(step, this.#position.carried);
    const totalSteps = input.epochs * objective.stepsPerEpoch;
    if (!model.step(step, learningRateAt(step, totalSteps, input.learningRate, alignRecipe.warmUp))) return false;
    // Only now, and all of it at once: what is saved in the middle of a step is the state before it.
    const before = this.#position;
    this.#position = { ...before, step, carried, sum: before.sum + sum, count: before.count + count };
    return true;
  }

  /** False where the figures are no numbers. */
  async #finishEpoch(): Promise<boolean> {
    const { model, normals, objective, context } = this.#parts;
    const { step, epochs, keptEpoch, carried } = this.#position;
    const epoch = epochs.length;
    const figures = { epoch, ...(await objective.figures()), drift: epoch === 0 ? 0 : await normals.drift(model) };
    if (!Number.isFinite(worthOf(figures)) || !Number.isFinite(figures.drift)) {
      if (epoch > 0) return false;
      throw new AppError(
        'MODEL_INVALID',
        'The model gives scores that are no numbers. Its weights were harmed in training.',
      );
    }
    // Of equal worth the later one: its scores are further from the threshold.
    const isBetter =
      epoch > 0 && figures.drift <= mostDrift && worthOf(figures) >= worthOf(epochs[keptEpoch] ?? figures);
    if (isBetter) {
      this.#best ??= new Float32Array(model.state.parameters.length);
      this.#best.set(model.state.parameters);
    }
    context.progress(this.#progress(epoch, figures));
    this.#position = {
      step,
      epochs: [...epochs, figures],
      keptEpoch: isBetter ? epoch : keptEpoch,
      carried: objective.afterEpoch(carried, figures.drift),
      sum: 0,
      count: 0,
    };
    return true;
  }

  #progress(epoch: number, finished: AlignEpoch | null): AlignProgress {
    const { input, objective } = this.#parts;
    const { step, sum, count } = this.#position;
    return {
      epoch,
      epochs: input.epochs,
      step: epoch === 0 ? 0 : step - (epoch - 1) * objective.stepsPerEpoch,
      stepsPerEpoch: objective.stepsPerEpoch,
      running: count > 0 ? sum / count : null,
      finished,
      elapsedMs: this.#interlude.elapsedMs,
      resumedFromStep: this.#resumedFromStep,
      refusedCheckpoints: this.#refusedCheckpoints,
    };
  }

  /** Everything that steps change. While the reference is the best, it stands for it. */
  #arrays(best: Float32Array): Float32Array[] {
    const { parameters, firstMoment, secondMoment } = this.#parts.model.state;
    return [parameters, firstMoment, secondMoment, best];
  }

  async #save(): Promise<void> {
    const { checkpoints, start } = this.#parts;
    const saved: Saved = { position: this.#position, elapsedMs: this.#interlude.elapsedMs };
    await checkpoints?.write(this.#position.step, saved, this.#arrays(this.#best ?? start));
  }

  async #goOn(): Promise<void> {
    const { checkpoints, start, context, objective } = this.#parts;
    if (!checkpoints) return;
    const best = new Float32Array(start.length);
    const { state, refused } = await checkpoints.read(this.#arrays(best));
    this.#refusedCheckpoints = refused;
    if (state === null) return;
    const { position, elapsedMs } = state as Saved; // ours: its hash and its fingerprint say so
    if (position.keptEpoch > 0) this.#best = best;
    this.#resumedFromStep = position.step;
    this.#interlude.goOnFrom(elapsedMs);
    this.#position = position;
    for (const figures of position.epochs) {
      const step = figures.epoch === 0 ? 0 : objective.stepsPerEpoch;
      context.progress({ ...this.#progress(figures.epoch, figures), step, running: null });
    }
  }
}

function worthOf({ reward, hitRate }: AlignEpoch): number {
  return reward ?? hitRate ?? NaN;
}
