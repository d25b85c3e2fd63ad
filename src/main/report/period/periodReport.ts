/** @file What the report of a span of time says, as data: every format of it is written from this. Texts are as they were stored. */
import type { AlertState, ReasonKind, SeverityLevel } from '../../../shared/alerts.ts';
import type { Budget, Threshold } from '../../../shared/thresholds.ts';
import type { Instant } from '../../../shared/instant.ts';
import type { VerdictValue } from '../../../shared/verdicts.ts';
import type { Entity } from '../../../shared/lines.ts';
import type { PeriodFacts } from '../../../shared/periodFacts.ts';
import type { Observable } from '../../../shared/observables.ts';
import type { Precision, Recall } from '../../../shared/teaching.ts';
import type { CaseState } from '../../../shared/cases.ts';
import type { ReportRedaction } from '../caseReport.ts';

export type PeriodAlert = {
  number: number;
  severity: SeverityLevel;
  state: AlertState;
  /** -log10 p. */
  score: number;
  title: string;
  template: string;
  entity: Entity;
  host: string | null;
  sourceName: string;
  lineNumber: number;
  at: Instant | null;
  raisedAt: Instant;
  verdict: VerdictValue | null;
  decidedBy: string | null;
};

/** Of how many is known how long they took. */
export type Waited = { count: number; medianMs: number | null; p90Ms: number | null };

export type PeriodThreshold = Pick<
  Threshold,
  'version' | 'reason' | 'score' | 'budget' | 'meaning' | 'verdictCount'
> & {
  at: Instant;
  /** Of the version of the same model before it. */
  scoreBefore: number | null;
};

export type PeriodCase = {
  number: number;
  title: string;
  state: CaseState;
  severity: SeverityLevel | null;
  owner: string | null;
  dueAt: Instant | null;
  alertCount: number;
  openTaskCount: number;
  createdAt: Instant;
  closedAt: Instant | null;
  closing: VerdictValue | null;
};

export type PeriodReport = PeriodFacts & {
  from: Instant;
  /** No part of it. */
  to: Instant;
  generatedAt: Instant;
  /** IANA zone of every time in the report. */
  zone: string;
  workspace: string;
  /** Who made the report. */
  analyst: string;
  appVersion: string;

  groups: { count: number; openCount: number; alert: PeriodAlert }[];
  top: PeriodAlert[];
  newKinds: { count: number; reason: ReasonKind; alert: PeriodAlert }[];

  toView: Waited;
  toVerdict: Waited;
  toClosing: Waited;

  /** In force now. */
  budget: Budget | null;
  /** Alerts shown by the day of the log; `day` is where it begins, null: the line tells no time. */
  shownByDay: { day: Instant | null; count: number }[];
  thresholds: PeriodThreshold[];
  models: { at: Instant; analyst: string; action: string; model: string }[];
  /** Of verdicts that were given in the span and stand. */
  precisionOfSpan: Precision;
  /** Of all there is. */
  precision: Precision;
  recall: Recall;

  /** Open when the report was made: by severity, up to so old; null: any. */
  openByAge: { upToMs: number | null; bySeverity: Record<SeverityLevel, number> }[];
  openByOwner: { owner: string | null; bySeverity: Record<SeverityLevel, number> }[];
  openCases: PeriodCase[];
  closedCases: PeriodCase[];

  /** Users, addresses and hosts of what is named in it: what can be taken out. */
  observables: Observable[];
  auditSentence: string;
  redactions: ReportRedaction[];
};

/** Of the JSON form: raised when a field changes its meaning or goes. */
export const periodFormatVersion = 1;
