/**
 * @file Classifiers of windows: a transformer encoder that reads a few event ids in order and says how likely the window is one that was labelled
 * anomalous. What is trained, kept and shown of one.
 */
import type { ClassCounts, GateCheck, ReplayDiff } from './retraining.ts';
import type { ModelFile, TrainProgress } from './trainerProtocol.ts';

/**
 * What a window is made of besides event ids, which begin at `firstEventId` as in every key model. `hidden` stands for an event that the
 * model is not to see; `padding` for one that was not there yet.
 */
export const windowTokens = { padding: 0, hidden: 1, unseen: 3, firstEventId: 4 } as const;

/** The label as the last token of a training sequence. It is a target only and never read, so that it may share the numbers of other tokens. */
export const labelTokens = { normal: 1, anomalous: 2 } as const;

/** Setting: the classifier that was put in use last. The store keeps it with the change of the model in use that it came or went by. */
export const wantedClassifierKey = 'classifier';

export type ClassifierShape = {
  layers: number;
  heads: number;
  width: number;
  /** Events of a window. */
  contextLength: number;
  vocabularySize: number;
};

/** `length` ids each, one after the other, oldest window first; label i is 1 where window i is anomalous. `about`: of windows of the workspace's own. */
export type LabelledWindows = { length: number; ids: Int32Array; labels: Uint8Array; about?: WindowsAbout };

/** Of each window what it weighs, and whose it is: those of one group are alike. `alerts`: number of the alert that it leads up to, 0 for an ordinary one. */
export type WindowsAbout = { weights: Float32Array; groups: Int32Array; alerts: Int32Array };

export const windowParts = ['train', 'test'] as const;
export type WindowPart = (typeof windowParts)[number];

export type Counts = { windows: number; anomalous: number };

export type ClassifierQuality = {
  windows: number;
  anomalous: number;
  truePositives: number;
  falsePositives: number;
  precision: number | null;
  recall: number | null;
  f1: number | null;
  /** Null for what gives no ranking, or where nothing is anomalous. */
  averagePrecision: number | null;
};

/** Windows whose probability lies in one tenth, and how many of them are anomalous. */
export type ReliabilityBin = { from: number; to: number; windows: number; meanProbability: number; anomalous: number };

export type Calibration = {
  /** `platt`: fitted on the part held back. `weights`: only what class weights did was taken back, since the part held back has one class alone. */
  kind: 'platt' | 'weights';
  /** Probability = 1 / (1 + exp(-(slope * logit + offset))). */
  slope: number;
  offset: number;
  windows: number;
  anomalous: number;
};

/** What the windows of the test part show; all of it is counted, nothing is chosen by it. */
export type TestReport = {
  classifier: ClassifierQuality;
  /** Always the more frequent class; a window with an event id that training did not have; a window that training had as anomalous. */
  baselines: { majority: ClassifierQuality; unseenId: ClassifierQuality; seenAnomalous: ClassifierQuality };
  /** Mean squared error of the probability, before and after calibration. */
  brier: { raw: number; calibrated: number };
  reliability: ReliabilityBin[];
  /** The same without windows that training also had. */
  withoutDuplicates: ClassifierQuality;
};

/** What verdicts a classifier was trained on, and the ordinary windows of what model's logs stood beside them. */
export type VerdictFacts = {
  modelNumber: number;
  learned: ClassCounts;
  heldOut: ClassCounts;
  ordinary: Record<WindowPart, number>;
  /** False: all verdicts are about few entities, and are split by time alone. */
  isSplitByEntity: boolean;
};

/** A classifier as one more detector of a model, held against the model without it. */
export type ClassifierGate = {
  modelNumber: number;
  at: number;
  /** It came in use. */
  isAdopted: boolean;
  checks: GateCheck[];
  /** What it does to alerts that are kept. Of events that no alert was kept of nothing is known before the logs are scored again. */
  replay: ReplayDiff;
  heldOut: ClassCounts;
  normalEvents: number;
};

export type ClassifierCard = {
  /** Of the file, or in words. */
  name: string;
  source: 'archive' | 'verdicts';
  length: number;
  eventIds: number;
  seed: number;
  counts: Record<WindowPart, Counts>;
  /** Test windows that are also in the training part, and training windows that occur more than once. */
  duplicates: { testInTrain: number; withinTrain: number };
  /** Windows of the training part that only stop and calibrate. */
  heldBack: Counts;
  /** Of windows in the same order, oldest first; what is said of the order of an archive is the archive's. */
  classWeight: number;
  /** Of one that was trained on verdicts. */
  verdicts?: VerdictFacts;
  /** What the gate found when it was to be used last. */
  gate?: ClassifierGate;
  shape: ClassifierShape | null;
  parameterCount: number;
  epochs: number;
  bestEpoch: number;
  elapsedMs: number;
  calibration: Calibration | null;
  test: TestReport | null;
  /** Why its figures say nothing of its quality; null where they do. */
  noQuality: string | null;
  failure: string | null;
};

export type ClassifierState = 'training' | 'kept' | 'failed';

/** Whether a classifier judges. `stale`: it was put in use, and the model that is in use now was made without it. */
export type ClassifierUse = { state: 'in_use' | 'stale'; modelNumber: number };

export type Classifier = {
  id: string;
  number: number;
  state: ClassifierState;
  createdAt: number;
  card: ClassifierCard;
  curve: TrainProgress[];
  files: ModelFile[];
  /** Null: it does not judge, and nobody expects it to. Left out by the store, which does not know. */
  use?: ClassifierUse | null;
};

/** An event of a window, and what the window's score becomes when the model does not see it. */
export type ClassifiedEvent = {
  eventId: number;
  /** The kind of line, where templates say it; log text. */
  text: string | null;
  /** Training did not have it. */
  isUnseen: boolean;
  /** Logit of the whole window less the logit without the event: above 0, the event speaks for an anomaly. */
  change: number;
};

export type ClassifiedWindow = {
  part: WindowPart;
  index: number;
  label: boolean;
  probability: number;
  logit: number;
  isAlarm: boolean;
  /** Windows of the training part that are the same, by label. */
  sameInTraining: { normal: number; anomalous: number };
  events: ClassifiedEvent[];
};

export type WindowExplanation = ClassifiedWindow & {
  /** [layer][head][query][key], rows sum to one. A picture of where the heads looked, not a reason. */
  attention: number[][][][];
};

/** Probability from which on a window is called anomalous. */
export const alarmProbability = 0.5;

/** Events. */
export const shortestWindow = 2;
export const largestWindow = 512;
export const mostWindows = 1_000_000;
export const mostWindowIds = 4_000_000;

/** What stands beside every picture of attention. */
export const attentionNote =
  'A picture of where the heads looked. It is not the reason for the score: that is the change of the score when an event is hidden.';
