/** @file What analysts decided, and what it did. */
import type { AlertCounts } from './alertLists.ts';
import type { Instant } from './instant.ts';

export const verdictValues = [
  'true_positive',
  'benign_true_positive',
  'false_positive_logic',
  'false_positive_data',
  'undetermined',
] as const;

export type VerdictValue = (typeof verdictValues)[number];

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
