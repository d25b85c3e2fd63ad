/** @file What main asks of the trainer process (`trainer/`), and what comes back. Carried by `port.ts`. */
import type { TrainTokenizerInput, TrainTokenizerOutput, TrainTokenizerProgress } from './bpe/training.ts';
import type { AlignMethods } from './alignProtocol.ts';
import type { SequenceSet } from './sequences.ts';
import type { TextTrainerMethods } from './textModels.ts';

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

/** How a model is trained, where the named recipes of `recipes.ts` differ. */
export type TrainRecipe = {
  /**
   * Most tokens of a micro-batch, padding included. A single longer piece is a micro-batch of its own; but where weights are started from,
   * sequences are cut to this as to the context.
   */
  batchTokens: number;
  /** Micro-batches whose gradients are summed before the optimiser's step. */
  accumulation: number;
  /** Equal pieces that occur more often than this are entered several times, so that no batch is dominated by one of them. */
  countPerEntry: number;
  /** Share of activations set to zero in training, where GPT-2 has its dropouts. */
  dropout: number;
  /** Of matrices only, decoupled from the gradient. */
  weightDecay: number;
  /** The learning rate rises over this share of the steps, but over no more than `mostSteps`; then half a cosine. */
  warmUp: { share: number; mostSteps: number };
  /** Validation also after every so many steps, not only after each epoch. What is best is kept either way. */
  evaluateEverySteps: number | null;
  /** Pieces that count less for being rare in every way; null: all count alike. */
  downWeight: DownWeight | null;
};

export type DownWeight = {
  /** Rare is what a smaller share of all pieces has. */
  rareShare: number;
  /** Where more than this share of the pieces is, nothing counts less. */
  mostShare: number;
  /** Of such a piece, that of others being 1. */
  weight: number;
};

/** What computes a training step. */
export const trainProviders = ['cpu', 'webgpu'] as const;
export type TrainProvider = (typeof trainProviders)[number];

export type LoraMatrix = 'c_attn' | 'c_proj' | 'c_fc';

/** Low-rank adapters on the named matrices of every layer are trained, the model itself is not; they are merged into it at the end. */
export type LoraOptions = { rank: number; alpha: number; matrices: readonly LoraMatrix[] };

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
  /**
   * Share of event ids replaced by `unseen` in training (the rarest ones first), so that `unseen` is a trained target.
   */
  unseenRate: number;
  intraOpThreads: number;
  /** The CPU where it is left out. A run whose provider fails goes on on the CPU, from the last checkpoint, and says so. */
  provider?: TrainProvider;
  /** What is left out is as in `keyModelRecipe`. */
  recipe?: Partial<TrainRecipe>;
  /** A safetensors file with the weights to start from, e.g. `weights.safetensors` of a model folder. Without one: random, by the seed. */
  startWeights?: string;
  /** Wants `startWeights`. Without it every parameter is trained. */
  lora?: LoraOptions;
  /** By how much each token of `training` counts as a target, in parallel to its ids; all 1 where it is left out. */
  trainingWeights?: Float32Array;
  /** The same of `validation`. */
  validationWeights?: Float32Array;
  /**
   * Where the run leaves off every so often. A run with the same data, shape, seed and options goes on from the newest whole checkpoint
   * found there, and ends with the same bytes as one that was never cut off (same machine and thread count). Made if it is not there;
   * the caller removes it, once what the run gave is safe.
   */
  checkpoint: { directory: string; everyMs: number } | null;
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
  /** Of training, over all starts; time spent paused does not count. */
  elapsedMs: number;
  /** The step, over all epochs, that the checkpoint was at from which this run went on. Null when it began at the beginning. */
  resumedFromStep: number | null;
  /** Checkpoints that lay there and were not used: cut short, changed, or of another input. */
  refusedCheckpoints: number;
  /** Of all epochs: their gradients were not finite, and they changed nothing. */
  skippedSteps: number;
  provider: TrainProvider;
  /** Why the run is not, or no longer, on the provider that was asked for. */
  providerFailure: string | null;
};

export type ModelFile = { name: string; sizeBytes: number; sha256: string };

export type TrainOutput = {
  parameterCount: number;
  epochs: number;
  bestEpoch: number;
  trainingBits: number;
  /** Where there was no validation data, the training loss, which then also decided what was best. */
  validationBits: number;
  stoppedEarly: boolean;
  elapsedMs: number;
  /** `weights.safetensors`, `score.onnx`, `score-int8.onnx`, `explain.onnx`, `shape.json`. */
  files: ModelFile[];
};

/** What training would take, found by doing a few steps of it: what is computed is thrown away. */
export type TrainingTrial = {
  /** Padding left out, as progress counts them. */
  tokensPerSecond: number;
  /** That an epoch goes through. */
  tokensPerEpoch: number;
  stepsPerEpoch: number;
  parameterCount: number;
  /** Those that change: fewer with adapters. */
  trainedParameterCount: number;
  /** Most memory that the process held, in a process that did nothing else. */
  peakBytes: number;
  provider: TrainProvider;
  providerFailure: string | null;
};

export type TrainerMethods = TextTrainerMethods &
  AlignMethods & {
    /** After going on from a checkpoint, progress tells first of each epoch that was finished before it, for the curve. */
    train: { input: TrainInput; output: TrainOutput; progress: TrainProgress };
    /**
     * A classifier of windows, which are of equal length, `contextLength`, with a label behind each (`labelTokens`). Writes `weights.safetensors`,
     * `classify.onnx` and `shape.json`.
     */
    train_classifier: { input: TrainInput; output: TrainOutput; progress: TrainProgress };
    /** A few of the largest steps that this training would do, timed. CONFLICT while a run is under way. */
    try_training: { input: Omit<TrainInput, 'directory' | 'checkpoint'>; output: TrainingTrial };
    /** Answers when the run stands still, at most one step later, its checkpoint written. CONFLICT where nothing runs. */
    pause: { input: undefined; output: undefined };
    /** What runs stands still for so long, soon; but a fifth of the time is its own. */
    give_way: { input: { forMs: number }; output: undefined };
    /** Lets a paused run go on. CONFLICT where nothing runs. */
    resume: { input: undefined; output: undefined };
    /** Writes a key model that has learned nothing into an existing folder: something to try the engine on. */
    write_random_model: {
      input: { directory: string; shape: KeyModelShape; seed: number };
      output: { files: ModelFile[] };
    };
    /** Writes `evidence.onnx` beside the weights of a key model that was trained before, or by a version that had none. */
    write_evidence: { input: { directory: string; shape: KeyModelShape }; output: { file: ModelFile } };
    train_tokenizer: { input: TrainTokenizerInput; output: TrainTokenizerOutput; progress: TrainTokenizerProgress };
  };
