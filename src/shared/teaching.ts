/** @file What is asked of an analyst beside the queue, and the figures of learning: what they found, what was missed, how far verdicts can be relied on. */
import type { AlertRow } from './alerts.ts';
import type { Instant } from './instant.ts';
import type { VerdictValue } from './verdicts.ts';

/**
 * Why a row stands in the list to teach from. `again`: decided once, and asked again without saying so; it is shown as what is telling.
 * `oneOf`: of what was drawn at random, how many events it stands for.
 */
export type Asked = { why: 'telling' | 'unlike' | 'sample' | 'again'; oneOf: number | null };

/** A share with the interval that it lies in, 95 times of 100. Null: there is nothing to estimate it from. */
export type Estimate = { value: number; low: number; high: number } | null;

/** Of what was decided one way and another: how often, and of how many. */
export type Precision = { estimate: Estimate; right: number; wrong: number };

export type Recall = {
  estimate: Estimate;
  /** Events of threats that were flagged: by verdicts, and by what verdicts say of those not decided yet. */
  found: number;
  /** Events of threats that were not, by inverse probability; null where nothing drawn was decided. */
  missed: number | null;
  /** Drawn events that were decided, and all that were drawn. */
  decided: number;
  drawn: number;
};

export type LearningReport = {
  /** Where days begin and the last one ends. */
  edges: Instant[];
  /** Over all alerts there are. */
  precision: Precision;
  recall: Recall;
  /** Of each day and the six before it. */
  days: { precision: Precision; recall: Recall }[];
  /** Threats by verdict that were not flagged when their log was scored: lines named by "I missed this", and what was kept below the threshold then. */
  missedCount: number;
  /** Of old alerts asked again, by who asks: the same answer, as harmful or harmless. `differed`: of which the verdict asked about still stands. */
  consistency: { estimate: Estimate; asked: number; same: number; differed: Differed[] };
  /** What stands in the list to teach from, and the share of it that is drawn at random. */
  teach: { telling: number; unlike: number; sample: number; share: number };
  /** Logs that changed since they were learned. */
  drift: { sourceName: string; lineNumber: number; ratio: number }[];
};

/** Asked again, an alert was judged otherwise. */
export type Differed = {
  alertId: string;
  number: number;
  title: string;
  before: { value: VerdictValue; at: Instant };
  again: { value: VerdictValue; at: Instant };
};

/** Alerts alike of which some were judged threats and some not. The newest of each side. */
export type Contradiction = {
  signature: string;
  title: string;
  template: string;
  threat: ContradictingSide;
  harmless: ContradictingSide;
};
export type ContradictingSide = {
  count: number;
  alertId: string;
  number: number;
  value: VerdictValue;
  analyst: string;
  at: Instant;
};

/** What came of "I missed this". `isNew`: the event had no alert before. */
export type Missed = { row: AlertRow; isNew: boolean };

/** What came of a blind question: the verdict that stands, which the answer does not change. */
export type AnswerEffect = { before: VerdictValue; givenAt: Instant; isSame: boolean };

/** Whether a verdict says threat, harmless, or neither: a benign true positive is no threat and no mistake, undetermined says nothing. */
export function sideOf(value: VerdictValue): 'threat' | 'harmless' | null {
  if (value === 'true_positive') return 'threat';
  return value === 'false_positive_logic' || value === 'false_positive_data' ? 'harmless' : null;
}
