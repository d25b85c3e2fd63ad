/** @file What is said of a span of time, as the store finds it and a report tells it. */
import type { AlertState, SeverityLevel } from './alerts.ts';
import type { Instant } from './instant.ts';
import type { VerdictValue } from './verdicts.ts';
import type { SourceFormat } from './lines.ts';
import type { HandoverNote } from './period.ts';

/** No line is stamped between the two, where lines are before and after; `to` null: none since. */
export type Silence = { from: Instant; to: Instant | null };

export type PeriodSource = {
  name: string;
  format: SourceFormat;
  state: 'importing' | 'ready' | 'partial';
  isFollowed: boolean;
  importedAt: Instant;
  /** Of a log that is followed, those stamped in the span, where halving finds them; of any other, all. */
  lineCount: number;
  /** Events of all of it whose format was not recognised, and bytes that are no text. */
  plainCount: number;
  badByteCount: number;
  firstAt: Instant | null;
  lastAt: Instant | null;
  /** The longest. */
  silences: Silence[];
};

export type PeriodDecision = {
  number: number;
  severity: SeverityLevel;
  title: string;
  value: VerdictValue;
  analyst: string;
  at: Instant;
  note: string;
  /** That it was given to at once. */
  alertCount: number;
  /** It was not taken back, and no later verdict replaced it. */
  isStanding: boolean;
  raisedAt: Instant;
};

export type PeriodTask = {
  title: string;
  owner: string | null;
  dueAt: Instant | null;
  caseNumber: number;
};

/** Entries of the audit. */
export type PeriodAction = { analyst: string; action: string; count: number };

/** What the store knows of a span and a report of it says as it is. */
export type PeriodFacts = {
  sources: PeriodSource[];
  runs: {
    sourceName: string;
    finishedAt: Instant;
    eventCount: number;
    overCount: number | null;
    thresholdVersion: number;
  }[];
  /** Alerts raised in the span. */
  alerts: { severity: SeverityLevel; state: AlertState; count: number }[];
  groupCount: number;
  newKindCount: number;
  /** The newest first, up to ten thousand, and how many verdicts there are. */
  decisions: PeriodDecision[];
  decisionCount: number;
  /** Entries of the audit. */
  actions: PeriodAction[];
  /** Of open cases, what is due first. */
  tasks: PeriodTask[];
  openTaskCount: number;
  doneTaskCount: number;
  /** Of the span, and the last one before it. */
  notes: HandoverNote[];
  noteBefore: HandoverNote | null;
};
