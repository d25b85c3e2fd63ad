/** @file What the overview tells of the work: alerts by day and what they were judged, what is open, how old and whose, how long looking and deciding took, which logs changed. */
import type { Instant } from './instant.ts';
import type { SeverityLevel } from './alerts.ts';
import type { VerdictValue } from './verdicts.ts';

export const overviewDays = [7, 30, 90] as const;
export type OverviewDays = (typeof overviewDays)[number];

export type AlertDay = { open: number; folded: number; verdicts: Record<VerdictValue, number> };

/** Of one kind of wait, by the day it ended. */
export type Waits = {
  /** Alerts it is known of in these days, the newest at most. */
  count: number;
  medianMs: number | null;
  /** Nine in ten took no longer. */
  p90Ms: number | null;
  /** Null on days without any. */
  dailyMedianMs: (number | null)[];
};

/** Open alerts raised up to so long ago, and not in the row before; null: any time. */
export type AgeRow = { upToMs: number | null; bySeverity: Record<SeverityLevel, number> };

/** Open alerts of somebody; null: nobody's. */
export type OwnerRow = { owner: string | null; bySeverity: Record<SeverityLevel, number> };

/** A scored log: whether it changed since the model learned, by ADWIN over the surprise of its events. `ratio`: after the change to before. */
export type LogDrift = { name: string; eventCount: number; change: { ratio: number; lineNumber: number } | null };

export type Overview = {
  /** Where days begin in the zone asked for, and where the last one ends. They end today, or with the newest alert of older logs. */
  edges: Instant[];
  /** By the time in the log. */
  days: AlertDay[];
  /** Alerts whose line tells no time. */
  untimed: number;
  /** Alerts whose line is stamped after the last day. */
  later: number;
  /** Null where the budget is counted per 100,000 lines. */
  budgetPerDay: number | null;
  ages: AgeRow[];
  /** Those with the most first. */
  owners: OwnerRow[];
  /** Those that changed most first. */
  drift: LogDrift[];
  /** By today's clock, up to now: from raising to the first look, and to the verdict in force. */
  waitEdges: Instant[];
  toView: Waits;
  toVerdict: Waits;
};
