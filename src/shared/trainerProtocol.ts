/** @file What main asks of the trainer process (`trainer/`), and what comes back. Carried by `port.ts`. */
import type { SequenceSet } from './sequences.ts';

/** GPT-2 architecture over event keys. */
export type KeyModelShape = {
  layers: number;
  heads: number;
  width: number;
  /** Longest sequence in tokens, begin and end included. */
  contextLength: number;
  /** Token ids run from 0 to vocabularySize - 1; see `keyTokens` for the first ones. */
  vocabularySize: number;
};

export type TrainInput = {
  /** An existing empty folder; the model files are written here. */
  directory: string;
  /** Sequences start with `begin`; they end with `end` only where the session was seen to end. Longer than the context: the trainer cuts them into pieces. */
  training: SequenceSet;
  validation: SequenceSet;
  shape: KeyModelShape;
  seed: number;
  maxEpochs: number;
  /** Epochs without a better validation loss before stopping. */
  patience: number;
  learningRate: number;
  /** Share of event ids replaced by `unseen` in training (the rarest ones first), so that `unseen` is a trained target. */
  unseenRate: number;
  intraOpThreads: number;
};

/** One point of the loss curve and the state of the run. Losses are in bits per predicted token. */
export type TrainProgress = {
  epoch: number;
  maxEpochs: number;
  step: number;
  stepsPerEpoch: number;
  trainingBits: number;
  /** Of the last finished epoch; null before. */
  validationBits: number | null;
  bestValidationBits: number | null;
  tokensPerSecond: number;
  elapsedMs: number;
};

export type ModelFile = { name: string; sizeBytes: number; sha256: string };

export type TrainOutput = {
  parameterCount: number;
  epochs: number;
  bestEpoch: number;
  trainingBits: number;
  validationBits: number;
  stoppedEarly: boolean;
  elapsedMs: number;
  /** `weights.safetensors`, `score.onnx`, `explain.onnx`, `shape.json`. */
  files: ModelFile[];
};

/** One decided alert as the threshold sees it. `score` is -log10 p. */
export type LabelledScore = { score: number; isThreat: boolean };

export type FitThresholdInput = {
  labelled: LabelledScore[];
  /** -log10 of the alpha that the alert budget gives; the prior is centred on it. */
  budgetScore: number;
  /** How far verdicts may move the threshold from the budget, in -log10 p, each way. */
  maxShift: number;
};

export type FitThresholdOutput = {
  thresholdScore: number;
  /** Labelled alerts on the wrong side before and after. */
  missedThreats: number;
  falseAlarms: number;
};

export type TrainerMethods = {
  train: { input: TrainInput; output: TrainOutput; progress: TrainProgress };
  fit_threshold: { input: FitThresholdInput; output: FitThresholdOutput };
};
