/** @file A retraining on verdicts as it is told: what it would learn from, how it goes, what the gate found, what became of it. */
import type { AlignEpoch } from './alignProtocol.ts';
import type { Instant } from './instant.ts';
import type { VerdictValue } from './verdicts.ts';

/** Fewer verdicts of a class say nothing about it, and leave none to hold out. */
export const leastVerdicts = 8;
/** By rule, so many verdicts given since the last retraining ask for the next. */
export const ruleVerdicts = 32;
/** Of the classes each, at least so many are held out, and so many learned from. */
export const leastHeldOut = 2;

export type ClassCounts = { threats: number; harmless: number };

/** Why a standing verdict is not learned from. */
export const leftOutReasons = ['undetermined', 'benign', 'contradicted', 'unknown_kind', 'not_of_order'] as const;
export type LeftOutReason = (typeof leftOutReasons)[number];

export const leftOutWords: Record<LeftOutReason, string> = {
  undetermined: 'undetermined: they name no class',
  benign: 'benign true: rightly raised, and no threat',
  contradicted: 'judged both ways, though alike',
  unknown_kind: 'harmless, of a kind of line that the model does not know; learning again takes it in',
  not_of_order: 'found by detectors that do not look at the order of events',
};

/** What a retraining would learn from if it were started now. */
export type RetrainPlan = {
  modelId: string;
  modelNumber: number;
  /** Names of the logs whose normal events are replayed. */
  learnedFrom: string;
  learned: ClassCounts;
  heldOut: ClassCounts;
  leftOut: { reason: LeftOutReason; count: number }[];
  /** Verdicts on alerts of models that were deleted since; their events are read anew. */
  ofDeletedModels: number;
  /** False: all verdicts are about few entities, and are split by time alone. */
  isSplitByEntity: boolean;
  /** Verdicts given since the last retraining. */
  newVerdicts: number;
  /** One sentence: what it needs first. Null: it can be started. */
  missing: string | null;
};

/** The live curves: after each epoch, and the mean reward of the epoch under way so far. */
export type RetrainProgress = {
  epochs: AlignEpoch[];
  maxEpochs: number;
  /** Of the epoch under way. */
  step: number;
  stepsPerEpoch: number;
  running: { epoch: number; reward: number } | null;
};

/** `low` and `high`: in which the true value lies with 95 % confidence; null where there is no such interval. */
export type GateFigure = { value: number; low: number | null; high: number | null; of: number };

export const gateChecks = [
  'lost',
  'recall',
  'harmless',
  'false_alarms',
  'likelihood',
  'ranks',
  // Of classifiers.
  'average_precision',
  'log_loss',
] as const;
export type GateCheckId = (typeof gateChecks)[number];

export type GateCheck = {
  id: GateCheckId;
  unit: 'count' | 'share' | 'bits' | 'correlation' | 'precision' | 'nats';
  before: GateFigure | null;
  after: GateFigure;
  /** What it wants, in words. */
  wants: string;
  /** Null: told, and not asked for. */
  isHeld: boolean | null;
};

export type ReplayedAlert = {
  alertId: string;
  number: number;
  title: string;
  /** -log10 p, by the model that raised it and by the proposed one. */
  before: number;
  after: number;
  verdict: VerdictValue | null;
};

/** The proposed model over the alerts that are kept. Of each list the first fifty, the largest change first. */
export type ReplayDiff = {
  alerts: number;
  distinctWindows: number;
  elapsedMs: number;
  /** Alerts at or above the threshold, by either. */
  shownBefore: number;
  shownAfter: number;
  appear: { count: number; first: ReplayedAlert[] };
  vanish: { count: number; first: ReplayedAlert[] };
  /** Shown by both, with another severity. */
  move: { count: number; first: ReplayedAlert[] };
  /** Confirmed threats that would no longer be raised. */
  lost: { count: number; first: ReplayedAlert[] };
  /** False alarms that would be raised again, of those that are not now. */
  raisedAgain: { count: number; first: ReplayedAlert[] };
  /** False alarms by verdict, and those of them that both raise. */
  falseAlarms: { before: number; after: number };
};

export type GateReport = {
  learned: ClassCounts;
  heldOut: ClassCounts;
  leftOut: RetrainPlan['leftOut'];
  isSplitByEntity: boolean;
  normalEvents: number;
  /** -log10 p from which either alerts. */
  thresholdBefore: number;
  thresholdAfter: number;
  checks: GateCheck[];
  replay: ReplayDiff;
  epochs: AlignEpoch[];
  keptEpoch: number;
  elapsedMs: number;
  /** Number of the newest verdict there was when verdicts were read; reports of earlier versions have none. */
  verdictNumber?: number;
  /** Numbers of the alerts whose verdicts were held out, to look at them again: kept, and not told. Reports of earlier versions have none. */
  heldOutAlerts?: number[];
  /** When what it says of verdicts was found, and the newest of them then; what it says of normal events is of when it was proposed. Reports of earlier versions have none. */
  judged?: { at: Instant; verdictNumber: number };
};

export type RetrainingState = 'proposed' | 'adopted' | 'discarded';

/** A model that came of a retraining. */
export type Retraining = {
  modelId: string;
  modelNumber: number;
  parentId: string;
  parentNumber: number;
  state: RetrainingState;
  proposedAt: Instant;
  decidedAt: Instant | null;
  analyst: string | null;
  /** The words by which it was adopted against the gate. */
  override: string | null;
  report: GateReport;
  /** What speaks against adoption, each one sentence. Empty: nothing does. */
  blocking: string[];
  /** To be written to adopt it all the same; null where nothing speaks against it. */
  overrideSentence: string | null;
  /** How many verdicts were given, taken back or put back since it was judged by them; null where that is not known, or it was decided about. */
  verdictsSince: number | null;
};

/** Checks of a gate that do not hold. */
export function failedOf(checks: readonly GateCheck[]): GateCheckId[] {
  return checks.flatMap(({ id, isHeld }) => (isHeld === false ? [id] : []));
}

/** What the gate has against a model, each one sentence. */
export function blockingOf({ checks }: Pick<GateReport, 'checks'>): string[] {
  return checks.flatMap((check) => (check.isHeld === false ? [objectionTo(check)] : []));
}

function objectionTo({ id, before, after }: GateCheck): string {
  const percent = (share: number | undefined): string => `${((share ?? 0) * 100).toFixed(1)} %`;
  switch (id) {
    case 'lost':
      return after.value === 1
        ? 'It loses a confirmed threat.'
        : `It loses ${after.value.toLocaleString('en')} confirmed threats.`;
    case 'recall':
      return `It finds ${percent(after.value)} of the threats held out, the model in use ${percent(before?.value)}.`;
    case 'harmless':
      return `It raises ${percent(after.value)} of the false alarms held out, the model in use ${percent(before?.value)}.`;
    case 'false_alarms':
      return `Of normal events held out ${percent(after.value)} alert where 1 % was asked for.`;
    case 'likelihood':
      return `Normal events surprise it by ${after.value.toFixed(3)} bits, the model in use by ${(before?.value ?? 0).toFixed(3)}: more than 2 % above.`;
    case 'ranks':
      return `It ranks normal events differently: their order correlates by ${after.value.toFixed(2)}.`;
    case 'average_precision':
      return `Held-out threats rank no better for it: average precision ${after.value.toFixed(3)} with it${within(after)}, ${(before?.value ?? 0).toFixed(3)} without.`;
    case 'log_loss':
      return `What it says of verdicts held out is no better than always the same: log-loss ${after.value.toFixed(3)}${within(after)} against ${(before?.value ?? 0).toFixed(3)}.`;
  }
}

function within({ low, high }: GateFigure): string {
  return low === null || high === null ? '' : ` (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

/** The words that adopt a model against the gate: they name what is accepted. Null where nothing stands against it. */
export function overrideSentenceOf(modelNumber: number, { checks }: Pick<GateReport, 'checks'>): string | null {
  const failed = checks.filter(({ isHeld }) => isHeld === false);
  const lost = failed.find(({ id }) => id === 'lost')?.after.value ?? 0;
  const others = failed.length - (lost > 0 ? 1 : 0);
  if (failed.length === 0) return null;
  const parts = [
    ...(lost > 0 ? [`loses ${lost} confirmed ${lost === 1 ? 'threat' : 'threats'}`] : []),
    ...(others > 0 ? [`fails ${others} ${others === 1 ? 'check' : 'checks'} of the gate`] : []),
  ];
  return `adopt m${modelNumber} although it ${parts.join(' and ')}`;
}
