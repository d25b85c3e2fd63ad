/** @file The words of the product as data: what the store keeps and the renderer shows. Text fields named `text`, `raw` or `name` of log things are hostile text. */
import type { ApiState } from './api.ts';
import type { DetectorId, Vote } from './detectors.ts';
import type { EngineFailure, EngineFigures } from './engineReport.ts';
import type { ErrorCode } from './errors.ts';
import type {
  Entity,
  FormatId,
  LinePart,
  LineSeverity,
  ParsedLine,
  SourceFormat,
  Span,
  TextEncoding,
  TimeAssumption,
} from './lines.ts';
import type { RetrainProgress } from './retraining.ts';
import type { Asked } from './teaching.ts';
import type { Preset } from './presets.ts';
import type { Taught } from './taught.ts';
import type { TextReads } from './textModels.ts';
import type { KeyModelShape, TrainProgress, TrainProvider } from './trainerProtocol.ts';

/** Milliseconds since 1970, UTC. */
export type Instant = number;

export const verdictValues = [
  'true_positive',
  'benign_true_positive',
  'false_positive_logic',
  'false_positive_data',
  'undetermined',
] as const;
export type VerdictValue = (typeof verdictValues)[number];

/**
 * Open: waits for a verdict. Decided: has one. Folded: alike an alert that was decided, hidden under it until the fold expires. Muted: hidden
 * by somebody's wish until the mute expires or is lifted. Repeat: the same again within the cooldown of an earlier alert, which counts it.
 */
export const alertStates = ['open', 'decided', 'folded', 'muted', 'repeat'] as const;
/** Sampled: an event that was not flagged and is asked about all the same; in no list but the one to teach from. */
export type AlertState = (typeof alertStates)[number] | 'sampled';

/** Raised by the detectors, drawn at random from what they did not flag, or missed by them and named by an analyst. */
export type AlertOrigin = 'detector' | 'sample' | 'missed';

/** The lists of alerts; `mine` are the open ones of who asks, `below` those that the threshold in force does not show, `teach` what a verdict would teach most, in an order of its own. A state that the filter names stands in place of the list's. */
export const queueTabs = ['open', 'teach', 'mine', 'decided', 'folded', 'muted', 'below', 'all'] as const;
export type QueueTab = (typeof queueTabs)[number];
export type QueueOrder = 'severity' | 'time';
/** Surprise: the mean of the stretch that ends with the event, as perplexity. Among the few alerts of an actor; it has no index. */
export type ListOrder = QueueOrder | 'surprise';

/** Alike: of a signature. Actor: an address and the agent of its requests, a user and the host. */
export const groupFields = ['signature', 'actor', 'entity', 'template', 'host', 'source'] as const;
export type GroupField = (typeof groupFields)[number];

/** Which alerts. `asOf`: none that were raised after the one of this number, so that what arrives meanwhile is not meant. */
export type AlertQuery = {
  tab: QueueTab;
  /** In the filter language. */
  filter: string;
  /** IANA zone of the times in it. */
  zone: string;
  asOf: number | null;
};

/** What an action is done to. `except`: ids that were taken out of what the query finds. */
export type AlertSelection = { kind: 'ids'; ids: string[] } | { kind: 'query'; query: AlertQuery; except: string[] };

/** 1 info, 2 low, 3 medium, 4 high, 5 critical. */
export type SeverityLevel = 1 | 2 | 3 | 4 | 5;
export const severityNames = ['info', 'low', 'medium', 'high', 'critical'] as const;

/** Why the event surprised. The first four: by the key model, and by what it knows of the kind. */
export const reasonKinds = [
  'unseen',
  'order',
  'rare',
  'end',
  'sequence',
  'pair',
  'stretch',
  'counts',
  'mix',
  'text',
  'wording',
  'shape',
  'misfit',
  'clock',
  'volume',
  'silence',
  'who_where',
  'after_failures',
  'travel',
  'labelled',
] as const;
export type ReasonKind = (typeof reasonKinds)[number];
export const reasonNames: Record<ReasonKind, string> = {
  unseen: 'kind of line never seen',
  order: 'others were expected',
  rare: 'kind of line hardly ever seen',
  end: 'end of a session',
  sequence: 'order of events',
  pair: 'two kinds in a row',
  stretch: 'stretch of events',
  counts: 'numbers of each kind',
  mix: 'mixture of kinds',
  text: 'text of the line',
  wording: 'pieces of text',
  shape: 'length or make-up',
  misfit: 'format of the log',
  clock: 'time of the line',
  volume: 'many lines in a short time',
  silence: 'longer silence than usual',
  who_where: 'user, network, host or hour',
  after_failures: 'login after failed ones',
  travel: 'networks too far apart',
  labelled: 'like what was labelled an attack',
};

export type Budget = { alerts: number; per: 'day' | '100k' };

/** When an alert is counted by an earlier one instead of standing beside it: so soon after the last of them, and so alike. */
export type FoldingSettings = { cooldownSeconds: number; similarity: number };
export const defaultFolding: FoldingSettings = { cooldownSeconds: 300, similarity: 0.8 };

export type Source = {
  id: number;
  name: string;
  format: SourceFormat;
  /** Share of lines that fit the format, 0 to 1. */
  fitShare: number;
  state: 'importing' | 'ready' | 'partial';
  sizeBytes: number;
  lineCount: number;
  eventCount: number;
  /** Lines that did not fit the format and were read as plain lines. */
  plainCount: number;
  blankCount: number;
  /** Lines with bytes that are no valid UTF-8; the exact bytes are kept. */
  badByteCount: number;
  encoding: TextEncoding;
  sessionCount: number;
  templateCount: number;
  firstAt: Instant | null;
  lastAt: Instant | null;
  assumption: TimeAssumption;
  importedAt: Instant;
  /** Null until scored; the latest run. */
  scoredAt: Instant | null;
  /** How following it goes; null for a log that was imported. */
  live: LiveState | null;
};

/** Waiting: the file is not there. Failed: it cannot be read, `message` says why. Paused and stopped: nothing is read. */
export type LiveState = {
  watchId: number;
  state: 'following' | 'waiting' | 'failed' | 'paused' | 'stopped';
  /** What went wrong, or what is to be known. */
  message: string | null;
  /** Bytes that are there and not read, and how long the oldest of them has been there. */
  lagBytes: number;
  lagMs: number;
  linesPerSecond: number;
};

/** What is followed: a file, the files of a folder whose names fit a pattern, or standard input. */
export type Watch = {
  id: number;
  kind: 'file' | 'folder' | 'input';
  path: string;
  pattern: string;
  state: 'following' | 'paused' | 'stopped';
};

/** One event. Its lines, where it has several, are joined by line feeds. */
export type LogLine = {
  eventId: number;
  /** Of its first line. */
  lineNumber: number;
  at: Instant | null;
  severity: LineSeverity | null;
  /** Cut to 2,000 characters in lists; `isCut` says so. */
  raw: string;
  isCut: boolean;
};

export type Verdict = {
  id: string;
  alertId: string;
  value: VerdictValue;
  note: string;
  analyst: string;
  givenAt: Instant;
};

/** Verdicts given to alerts of the same signature. */
export type SeenBefore = Record<VerdictValue, number>;

export type AlertRow = {
  id: string;
  /** Shown as A-12. */
  number: number;
  state: AlertState;
  severity: SeverityLevel;
  /** -log10 p of the most surprising event. */
  score: number;
  /** Its surprise in bits. */
  bits: number;
  reason: ReasonKind;
  /** The one whose p-value was the smallest. */
  detector: DetectorId;
  origin: AlertOrigin;
  /** One sentence, ours. */
  title: string;
  /** The kind of line, as a template. */
  template: string;
  /** Its writer and up to 120 characters of its line, from what surprised on. */
  excerpt: string;
  entity: Entity;
  host: string | null;
  sourceName: string;
  lineNumber: number;
  /** Time in the log; null where it says none. */
  at: Instant | null;
  raisedAt: Instant;
  /** Surprising events in the alert. */
  eventCount: number;
  /**
   * Alerts of the same signature folded under this one, whatever their score: the verdict stands for them, too. The list of the folded shows
   * only those at or above the threshold, so it may be shorter.
   */
  foldedCount: number;
  /** Alerts that said the same again within the cooldown and are counted by this one, and the time of the last of them. */
  repeatCount: number;
  repeatLastAt: Instant | null;
  isViewed: boolean;
  /** Its like was confirmed a threat: it is shown, and severe, whatever its score. */
  isKnownThreat: boolean;
  seenBefore: SeenBefore;
  verdict: Verdict | null;
  caseNumber: number | null;
  /** Whose it is; null: nobody took it. */
  owner: string | null;
  /** Keyed hash of what makes alerts alike. */
  signature: string;
  /** Of its kind of line, shown as t42. */
  templateNumber: number;
  /** Where the alert stands in each order: pages are asked for behind it. */
  place: { severity: string; time: string };
  /** In the list to teach from: why it is asked about. */
  asked?: Asked;
  /** Came with its case from another workspace: its log and its model are not here. */
  isBundled?: boolean;
};

/** Part of the raw line and its surprise in bits. */
export type HeatSpan = Span & { bits: number };

export type Expectation = { text: string; probability: number };

export type SessionEvent = {
  /** Null for the end of the session. */
  eventId: number | null;
  lineNumber: number | null;
  at: Instant | null;
  text: string;
  /** What in `text` stands before it comes to the point, as the terminal before a command: left out where there is little room. */
  aside: Span | null;
  /** Of its kind of line, shown as t42; null for the end of the session, and for a kind that no log has. */
  templateNumber: number | null;
  bits: number;
  isCulprit: boolean;
  /** Most probable alternatives; empty for events that did not surprise. */
  expected: Expectation[];
  /** Probability the model gave to what happened. */
  probability: number;
};

export type AlertDetail = {
  row: AlertRow;
  /** One or two sentences: what the model gave it, what that means. */
  reasonText: string;
  /** Who says so, the strongest first; of alerts of earlier versions, nobody. */
  votes: Vote[];
  /** One sentence: how unusual, on a scale of five. */
  reading: string;
  /** The alerts that this one counts, at most a hundred. */
  repeats: { id: string; number: number; eventId: number; lineNumber: number; at: Instant | null; score: number }[];
  /** Decided alerts most like it, at most three. `similarity` is 0 to 1. */
  nearest: {
    alertId: string;
    number: number;
    value: VerdictValue;
    analyst: string;
    givenAt: Instant;
    similarity: number;
  }[];
  /** Of its stretch of the session up to the event, by the tutorial of its window; null without a key model. */
  perplexity: number | null;
  /** What nineteen in twenty held-back stretches, or windows, have less than. */
  usualPerplexity: number | null;
  /** 1 - p / p at the threshold when it was raised, at least 0; by the tutorial min(1, perplexity / usual - 1). */
  confidence: number | null;
  /** `parts`: the values in it, in its order. */
  raw: { text: string; isCut: boolean; lengthChars: number; heat: HeatSpan[]; parts: LinePart[] };
  /** `hasBeginning`: the first of the events shown is the first of the session. */
  session: {
    title: string;
    events: SessionEvent[];
    hasBeginning: boolean;
    eventCount: number;
    durationMs: number | null;
  };
  margin: {
    score: number;
    threshold: number;
    /** Counts of calibration scores (-log10 p scale of bits): bin i covers [i, i + 1) * binBits. */
    histogram: { binBits: number; counts: number[] };
    bits: number;
    thresholdBits: number;
  };
  modelName: string;
  /** The preset, with what it was set to. */
  judgedBy: string;
  thresholdVersion: number;
  before: LogLine[];
  after: LogLine[];
  history: Verdict[];
  cases: { id: string; number: number; title: string }[];
};

/** `mine`: open ones of who asks. */
export type AlertCounts = { open: number; mine: number; decided: number; folded: number; muted: number };

/** A list as a whole: how many, where each page ends, and how they lie in time. */
export type AlertSummary = {
  total: number;
  /** Place of the last alert of each page but the last one, in the order asked for. */
  marks: string[];
  /** The newest alert there is: `asOf` of this list from now on. */
  asOf: number;
  /**
   * Alerts by time, at [from + i × widthMs, from + (i + 1) × widthMs), and by severity from 1 to 5. Null: none has a time. `earlier`, `later`:
   * the few that are stamped so far outside that the others could not be seen.
   */
  histogram: {
    from: Instant;
    widthMs: number;
    bins: [number, number, number, number, number][];
    earlier: number;
    later: number;
  } | null;
  withoutTime: number;
};

/** Alerts that share a value. `filter` finds them, as text of the filter language. */
export type AlertGroup = {
  filter: string;
  /** Shown for the value; of a kind of line its template, of a signature the title. */
  name: string;
  count: number;
  newCount: number;
  hostCount: number;
  firstAt: Instant | null;
  lastAt: Instant | null;
  /** Alerts by hour, of the 24 hours up to `AlertGroups.until`. */
  hours: number[];
  /** The most severe of them. */
  top: AlertRow;
};

export type AlertGroups = { groups: AlertGroup[]; groupCount: number; until: Instant };

/** What hides alerts for a while, and how many now. */
export type Mute = {
  id: string;
  /** Shown as U-3. */
  number: number;
  filter: string;
  reason: string;
  analyst: string;
  mutedAt: Instant;
  expiresAt: Instant | null;
  state: 'in_force' | 'lifted' | 'expired';
  hides: number;
};

/** What was done to alerts at once, or taken back. `alertId`: one to look at; null where none of them is there any more. */
export type ActionOutcome = {
  kind: ActionKind;
  alertCount: number;
  alertId: string | null;
  counts: AlertCounts;
  text: string;
};
export const actionKinds = [
  'verdict',
  'assign',
  'mute',
  'unmute',
  'case',
  'case_out',
  'case_move',
  'case_merge',
  'answer',
] as const;
export type ActionKind = (typeof actionKinds)[number];

/** A list that was given a name. */
export type SavedView = {
  id: string;
  name: string;
  tab: QueueTab;
  filter: string;
  order: QueueOrder;
  group: GroupField | null;
};

/** What a verdict says of alerts to come: of a threat that they are known, of what was none that they fold. */
export type MemoryEntry = {
  number: number;
  kind: 'threat' | 'harmless';
  /** Alike alerts; of these those of the same actor; or all of the kind of line. */
  scope: 'signature' | 'entity' | 'template';
  value: VerdictValue;
  analyst: string;
  givenAt: Instant;
  /** Null: never. */
  expiresAt: Instant | null;
  /** One of the alerts that were decided. */
  alertId: string;
  alertNumber: number;
  title: string;
  templateIndex: number;
  /** Open alerts that are known by it, or fold under it; a thousand stands for more. */
  alertCount: number;
  /** Verdicts on alike alerts say both: until that is resolved it says something of the same again only. */
  isContradicted: boolean;
};

/** What a verdict did, in one answer: it is durable, and this is its effect. If it moves the threshold, `threshold.changed` says so after. */
export type VerdictEffect = {
  verdict: Verdict;
  /** Alerts that it was given to. */
  alertCount: number;
  foldedCount: number;
  /** Open alerts that would fold, but are so severe that another verdict must agree. */
  heldCount: number;
  /** Open alerts that are known for what was confirmed. */
  knownCount: number;
  /** Until when what is in the scope folds by itself; null: what comes is shown. */
  foldExpiresAt: Instant | null;
  foldScope: MemoryEntry['scope'];
  counts: AlertCounts;
};

export type Threshold = {
  version: number;
  modelId: string;
  /** Alerts at or above this -log10 p are shown. */
  score: number;
  budgetScore: number;
  /** Drift: the log changed, and the threshold follows it within bounds. Preset: another way of judging was chosen. */
  reason: 'learned' | 'budget' | 'verdicts' | 'reverted' | 'drift' | 'preset';
  /** What judges with this threshold. By a rule's, `score` is what it takes at least to break the rule, and neither budget nor verdicts move it. */
  preset: Preset;
  budget: Budget;
  /** Events a day (or 100,000) that the budget was spread over. */
  eventsPerPeriod: number;
  calibrationEvents: number;
  /** One or two sentences: what the threshold means, and what calibration the budget would need when it asks for more than there is. */
  meaning: string;
  createdAt: Instant;
  verdictCount: number;
  /** What else verdicts taught; null: nothing, or undefined where a version was made before it could be. */
  taught?: Taught | null;
  isCurrent: boolean;
};

/** Of one run. `raised` and `asked` are per 100,000; between `low` and `high` alarms a log in which nothing is wrong would have. */
export type RealisedShare = {
  /** Events, or sessions where those are judged, at or above the threshold, and how many there are. */
  over: number;
  rows: number;
  raised: number;
  asked: number;
  low: number;
  high: number;
  text: string;
};

/** The newest run of a log by the model in use. */
export type RunShare = RealisedShare & { sourceName: string; preset: Preset; thresholdVersion: number };

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

export type JobKind = 'import' | 'learn' | 'train' | 'classify' | 'use_classifier' | 'retrain' | 'score' | 'demo';

/** A long piece of work. `share` is 0 to 1, null while unknown. */
export type Job = {
  id: string;
  kind: JobKind;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /** What it works on, e.g. a file name. */
  subject: string;
  /** What it is doing now, one sentence part: "reading", "training, epoch 3 of 20". */
  step: string;
  share: number | null;
  remainingMs: number | null;
  lineCount: number | null;
  linesPerSecond: number | null;
  startedAt: Instant;
  endedAt: Instant | null;
  /** Why it failed. */
  error: string | null;
  sourceIds: number[];
  /** The model that comes of it; it is in the registry from when training begins. Null where none does. */
  modelId: string | null;
  training: TrainProgress | null;
  /** Of a retraining. */
  retraining: RetrainProgress | null;
  /** Training can stand still: it waits until it is resumed or cancelled, and outlives the app so. */
  canPause: boolean;
  isPaused: boolean;
  /** What came of it, one or two sentences. */
  outcome: string | null;
};

/** A verified copy of the database in the workspace's backups folder. */
export type Backup = { name: string; madeAt: Instant; sizeBytes: number };

export type WorkspaceContents = {
  logs: number;
  events: number;
  alerts: number;
  verdicts: number;
  cases: number;
  models: number;
};

/** The backup to go back to. `lacks` is what the damaged database can still be seen to hold beyond it; null where it cannot be read. */
export type RestoreOffer = Backup & {
  contents: WorkspaceContents;
  lacks: { verdicts: number; logs: number; cases: number } | null;
};

/** Whether the workspace is open. Blocked: it is not. Damaged: it is, and something in it could not be read. */
export type StartState =
  | { state: 'open' }
  | {
      state: 'blocked' | 'damaged';
      code: ErrorCode;
      message: string;
      directory: string;
      offer: RestoreOffer | null;
    };

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

export type Status = {
  engine: {
    state: 'idle' | 'scoring' | 'failed';
    provider: string;
    message: string;
    /** What should run the models and does not, since when and why. */
    fallback: EngineFailure | null;
    figures: EngineFigures;
  };
  linesPerSecond: number | null;
  /** Logs that are followed; null where none is. `name` where there is one. */
  live: {
    name: string | null;
    sourceCount: number;
    /** Files that are not there, or cannot be read. */
    waiting: number;
    lagBytes: number;
    lagMs: number;
    linesPerSecond: number;
    trouble: string | null;
  } | null;
  sourceCount: number;
  eventCount: number;
  unreadableLines: number;
  /** Lines beyond the most kinds that are told apart: all of a program's are one kind. */
  unsortedLines: number;
  model: { id: string; number: number; name: string } | null;
  threshold: { version: number; score: number; meaning: string } | null;
  budget: Budget;
  /** Chosen for what is learned from now on, and what judges now; null while no model is in use. */
  preset: { chosen: Preset; inForce: Preset | null };
  openAlerts: number;
  /** Alerts per day or per 100,000 lines, as the budget counts, over everything scored. */
  shownPerPeriod: number;
  savedText: 'Verdicts saved' | 'Not saved';
  /** `problem`: why the last attempt made none. */
  backup: { newest: Backup | null; problem: string | null };
  /** Of this app's own API. */
  api: ApiState;
  /** What leaves this machine, as the user set it up; null where nothing does. */
  networkText: string | null;
  /** What an analyst should know of how alerts are decided just now: a model of before, a log that changed. */
  notices: string[];
  /** The threshold follows slow changes of what is followed. */
  followsDrift: boolean;
};

export type Workspace = {
  id: string;
  name: string;
  directory: string;
  analyst: string;
  isEmpty: boolean;
  appVersion: string;
  /** True in Electron: files are chosen by the host's own dialog instead of being uploaded. */
  hasFileDialog: boolean;
};

/** A file the user chose; the renderer never sees or gives a path. */
export type ChosenFile = { token: string; name: string; sizeBytes: number };

/** A first event as the format reads it; `raw` is cut to 2,000 characters, and fields behind that are left out. */
export type PreviewEvent = ParsedLine & { raw: string; lineNumber: number; isCut: boolean };

export type Preview = {
  file: ChosenFile;
  events: PreviewEvent[];
  /** As what it is read here. */
  format: FormatId;
  /** What it is taken for by its first lines. */
  detected: FormatId;
  /** Share of the first lines that fit `format`. */
  fitShare: number;
  /** Every format, best first. */
  ranking: { format: FormatId; share: number }[];
  assumption: TimeAssumption;
  encoding: TextEncoding;
  alreadyImported: { sourceId: number; name: string } | null;
};
