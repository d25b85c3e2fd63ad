/**
 * @file One training run from sequences to the best parameters: epochs, early stopping, progress, pausing, cancelling, checkpoints.
 * Writes no model files (`files/export.ts` does).
 */
import { performance } from 'node:perf_hooks';
import { AppError } from '../../src/shared/errors.ts';
import type { TrainInput, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { CheckpointFolder } from '../files/checkpoint.ts';
import type { BatchOptions } from './batches.ts';
import { EpochTrainer, type Position } from './epochs.ts';
import { fingerprintOf } from './fingerprint.ts';
import { Gate } from './gate.ts';
import { checkTrainInput } from './options.ts';
import { cutPieces } from './pieces.ts';

export type Trained = {
  /** The best epoch's, laid out as `gpt2Parameters` says. */
  parameters: Float32Array;
  parameterCount: number;
  epochs: number;
  bestEpoch: number;
  trainingBits: number;
  /** Where there was no validation data, the training loss, which then also decided what was best. */
  validationBits: number;
  stoppedEarly: boolean;
  elapsedMs: number;
};

export type TrainContext = {
  signal: AbortSignal;
  progress: (value: TrainProgress) => void;
  gate?: Gate;
};

/**
 * Best bits per second on two cores, measured on HDFS (99,978 events, 4 layers, width 64, 20 epochs): batches of 256, 512, 1,024 tokens
 * reach 0.406, 0.411, 0.420 bits, and below 512 the optimiser's own time shows. Without counting equal pieces (countPerEntry 1) the same
 * bits take two to three times as long; above 16 the heaviest batches disturb the others.
 */
const batchDefaults: BatchOptions = { batchTokens: 512, countPerEntry: 16 };
const progressIntervalMs = 200;
/** An improvement smaller than this is noise and does not reset the patience. */
const leastImprovementBits = 1e-4;

/** Throws BAD_REQUEST for an input that cannot be trained on, CANCELLED when the signal fires. */
export async function trainModel(
  input: TrainInput,
  context: TrainContext,
  options: BatchOptions = batchDefaults,
): Promise<Trained> {
  checkTrainInput(input);
  const { contextLength, vocabularySize } = input.shape;
  const pieces = cutPieces(input.training, contextLength, vocabularySize);
  const validation = cutPieces(input.validation, contextLength, vocabularySize);
  if (pieces.predictions === 0) {
    throw new AppError('BAD_REQUEST', 'There is nothing to train on: no sequence has two tokens.');
  }
  const trainer = await EpochTrainer.create(input, pieces, validation, options);
  try {
    const checkpoints = input.checkpoint && {
      folder: new CheckpointFolder(input.checkpoint.directory, fingerprintOf(input, options)),
      everyMs: input.checkpoint.everyMs,
    };
    return await new Run(input, context, trainer, checkpoints).toEnd();
  } finally {
    await trainer.release();
  }
}

/** What a checkpoint holds besides the arrays. */
type Saved = {
  position: Position;
  /** Those whose validation loss is known. */
  finishedEpochs: number;
  /** Null before the first epoch that counts. */
  best: Best | null;
  /** The last progress of each finished epoch. */
  curve: TrainProgress[];
  elapsedMs: number;
};
type Best = { epoch: number; trainingBits: number; bits: number };

class Run {
  readonly #input: TrainInput;
  readonly #context: TrainContext;
  readonly #trainer: EpochTrainer;
  readonly #checkpoints: { folder: CheckpointFolder; everyMs: number } | null;
  readonly #gate: Gate;
  readonly #bestParameters: Float32Array;
  #best: Best | null = null;
  #finishedEpochs = 0;
  #curve: TrainProgress[] = [];
  #resumedFromStep: number | null = null;
  #refusedCheckpoints = 0;
  /** Set back by what was trained before this start, and on by what was paused. */
  #startMs = performance.now();
  #lastProgressMs = -Infinity;
  #lastCheckpointMs = performance.now();

  constructor(
    input: TrainInput,
    context: TrainContext,
    trainer: EpochTrainer,
    checkpoints: { folder: CheckpointFolder; everyMs: number } | null,
  ) {
    this.#input = input;
    this.#context = context;
    this.#trainer = trainer;
    this.#checkpoints = checkpoints;
    this.#gate = context.gate ?? new Gate();
    this.#bestParameters = trainer.state.parameters.slice();
  }

  async toEnd(): Promise<Trained> {
    const { maxEpochs, patience } = this.#input;
    await this.#goOn();
    const between = (): Promise<void> => this.#betweenSteps();
    let diverged = false;
    while (
      !diverged &&
      this.#finishedEpochs < maxEpochs &&
      this.#finishedEpochs - (this.#best?.epoch ?? 0) < patience
    ) {
      const epoch = this.#finishedEpochs + 1;
      await this.#trainer.runEpoch(epoch, between);
      const { trainingBits } = this.#trainer;
      const validationBits = await this.#trainer.validationBits(between);
      const bits = validationBits ?? trainingBits;
      diverged = !Number.isFinite(bits); // what was best so far is kept
      if (bits < (this.#best?.bits ?? Infinity) - leastImprovementBits) {
        this.#bestParameters.set(this.#trainer.state.parameters);
        this.#best = { epoch, trainingBits, bits };
      }
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
        `Training diverged with learning rate ${this.#input.learningRate}; try a smaller one.`,
      );
    }
    return {
      parameters: this.#bestParameters,
      parameterCount: this.#bestParameters.length,
      epochs: this.#finishedEpochs,
      bestEpoch: this.#best.epoch,
      trainingBits: this.#best.trainingBits,
      validationBits: this.#best.bits,
      stoppedEarly: this.#finishedEpochs < maxEpochs,
      elapsedMs: performance.now() - this.#startMs,
    };
  }

  /** Between steps, and between the batches of a validation: the moment to stop, to stand still, to save and to tell. */
  async #betweenSteps(): Promise<void> {
    const { signal, progress } = this.#context;
    if (this.#gate.isClosed) {
      const pausedMs = performance.now();
      await this.#gate.pass(() => this.#save(), signal);
      this.#startMs += performance.now() - pausedMs;
    }
    if (signal.aborted) throw new AppError('CANCELLED', 'Training was cancelled.');
    const nowMs = performance.now();
    if (this.#checkpoints && nowMs - this.#lastCheckpointMs >= this.#checkpoints.everyMs) await this.#save();
    if (nowMs - this.#lastProgressMs >= progressIntervalMs) {
      this.#lastProgressMs = nowMs;
      progress(this.#progress(this.#curve.at(-1)?.validationBits ?? null));
    }
  }

  #progress(validationBits: number | null): TrainProgress {
    const { position, stepsPerEpoch, trainingBits } = this.#trainer;
    const elapsedMs = performance.now() - this.#startMs;
    return {
      epoch: position.epochStep === 0 ? this.#finishedEpochs : Math.ceil(position.step / stepsPerEpoch),
      maxEpochs: this.#input.maxEpochs,
      step: position.epochStep,
      stepsPerEpoch,
      trainingBits,
      validationBits,
      bestValidationBits: validationBits === null ? null : (this.#best?.bits ?? null),
      tokensPerSecond: (position.tokens / elapsedMs) * 1000,
      elapsedMs,
      resumedFromStep: this.#resumedFromStep,
      refusedCheckpoints: this.#refusedCheckpoints,
    };
  }

  /** Parameters, both moments, and the best parameters: everything that steps change. */
  get #arrays(): Float32Array[] {
    const { parameters, firstMoment, secondMoment } = this.#trainer.state;
    return [parameters, firstMoment, secondMoment, this.#bestParameters];
  }

  async #save(): Promise<void> {
    if (!this.#checkpoints) return;
    const position = this.#trainer.position;
    const saved: Saved = {
      position,
      finishedEpochs: this.#finishedEpochs,
      best: this.#best,
      curve: this.#curve,
      elapsedMs: performance.now() - this.#startMs,
    };
    await this.#checkpoints.folder.write(position.step, saved, this.#arrays);
    this.#lastCheckpointMs = performance.now();
  }

  async #goOn(): Promise<void> {
    if (!this.#checkpoints) return;
    const { state, refused } = await this.#checkpoints.folder.read(this.#arrays);
    this.#refusedCheckpoints = refused;
    if (state === null) return;
    const { position, finishedEpochs, best, curve, elapsedMs } = state as Saved; // ours: its hash and its fingerprint say so
    this.#trainer.moveTo(position);
    this.#finishedEpochs = finishedEpochs;
    this.#best = best;
    this.#resumedFromStep = position.step;
    this.#curve = curve.map((point) => ({ ...point, resumedFromStep: position.step, refusedCheckpoints: refused }));
    this.#startMs -= elapsedMs;
    for (const point of this.#curve) this.#context.progress(point);
  }
}
