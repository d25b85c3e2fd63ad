/** @file Models: what they are, what they cost, what they found. */
import type { Instant } from './instant.ts';
import type { TextReads } from './textModels.ts';
import type { KeyModelShape, TrainProgress, TrainProvider } from './trainerProtocol.ts';

export type ModelState = 'training' | 'in_use' | 'kept' | 'failed';

/** How the int8 score graph of a model compared with the f32 graph on the events held back from training, and whether it scores on the CPU. */
export type Quantisation = {
  isUsed: boolean;
  /** Why not, behind a colon; null where it is used. */
  reason: string | null;
  /** Null where the graph could not be run. */
  figures: {
    events: number;
    /** Spearman's, of the events' bits. */
    rankCorrelation: number;
    /** Share of the alerts of either graph, at the budget and in the rarest hundredth, that the other raises or just misses. */
    alertAgreement: number;
    tailAgreement: number;
    /** Of the log-probability of any event. */
    largestDifferenceNat: number;
    timesAsFast: number;
  } | null;
};

/** Lines that were not learned from: under so many alerts that nobody had decided, and so many confirmed threats. */
export type LeftOut = { lines: number; undecided: number; threats: number };

export type Model = {
  id: string;
  /** Shown as m3. */
  number: number;
  /** A model of event keys decides alerts. A text model scores and continues text, and reads lines for the models of event keys that are learned with it. */
  kind: 'keys' | 'text';
  state: ModelState;
  createdAt: Instant;
  learnedFrom: string;
  lineCount: number;
  /** Null where nothing was, and of models of before it. */
  leftOut: LeftOut | null;
  sessionCount: number;
  eventKinds: number;
  parameterCount: number;
  trainingBits: number | null;
  validationBits: number | null;
  epochs: number;
  elapsedMs: number;
  curve: TrainProgress[];
  files: { name: string; sizeBytes: number; sha256: string }[];
  /** Null where the model has no int8 graph. */
  quantisation: Quantisation | null;
  /** Why learning failed; null where it did not. */
  failure: string | null;
  /** Of a text model, given by the analyst. A model of event keys is called by its number. */
  name: string | null;
  /** The model that it was fine-tuned from; it may have been deleted since. */
  parentId: string | null;
  origin: ModelOrigin;
  /** Null for a model that came as an ONNX graph, whose layers nobody counted. */
  shape: KeyModelShape | null;
  seed: number;
  /** Times of the first and the last event that it learned from; null where the log says none. */
  firstAt: Instant | null;
  lastAt: Instant | null;
  /** What its training ran on; null where it was imported. */
  provider: TrainProvider | null;
  /** Logs whose present alerts it raised, and models fine-tuned from it. */
  usedBy: { logs: number; models: number };
  /** Of a text model: what it was trained to read; null for a checkpoint as it was imported, which reads text. */
  reads: TextReads | null;
  /** Of a text model: the models of event keys that are learned from now on read with it. */
  isReader: boolean;
  /** The last that was in use before the one that is: going back leads to it. */
  isBefore: boolean;
};

/** How a model came about. `lora`, `full`: fine-tuned, by adapters that were merged, or in every parameter. `reward`: retrained on verdicts. */
export type ModelOrigin = 'trained' | 'lora' | 'full' | 'imported' | 'reward';

/** Models of event keys by size: `key_s` is what learning makes, `key_m` LogGPT's, `key_m_wide` for large and varied logs. */
export const keyModelSizes = ['key_s', 'key_m', 'key_m_wide'] as const;

export type KeyModelSize = (typeof keyModelSizes)[number];

/** What is to be trained. A text model is named; one that is fine-tuned keeps its parent as it is. */
export type ModelPlan =
  | { kind: 'keys'; size: KeyModelSize }
  | { kind: 'text'; name: string; reads: TextReads }
  | { kind: 'fine_tune'; name: string; reads: TextReads; parentId: string; method: 'lora' | 'full' };

/** What training would take on this machine as it is now: a few steps of it were done to find out. */
export type TrainingEstimate = {
  events: number;
  tokensPerEpoch: number;
  tokensPerSecond: number;
  maxEpochs: number;
  /** For all epochs; it ends sooner where validation stops getting better. */
  atMostMs: number;
  /** Of the training process. */
  peakBytes: number;
  freeBytes: number;
  /** What the model's files will take. */
  diskBytes: number;
  parameterCount: number;
  /** Those that change: fewer with adapters. */
  trainedParameterCount: number;
  provider: TrainProvider;
  /** What to think of before starting, e.g. that memory will not do; null where nothing is. */
  warning: string | null;
};

/** How a text model goes on with a line. */
export type Continuation = { modelId: string; text: string; tokens: number; elapsedMs: number };

/** How a model came to an alert: a window of T + 1 tokens, of which all but the last were read and all but the first predicted. */
export type ModelEvidence = {
  layers: number;
  heads: number;
  /** Shown here, from 0; `head` null is the mean over the layer's heads. */
  layer: number;
  head: number | null;
  tokens: { text: string; bits: number | null; isCulprit: boolean }[];
  /** Row t, of t + 1 shares that sum to one: how much the model looked at each earlier token, and at t itself, to predict token t + 1. */
  attention: number[][];
  /** Row t: what was most expected as token t + 1. */
  alternatives: { text: string; probability: number }[][];
};
