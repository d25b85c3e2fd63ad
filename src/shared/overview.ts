/** @file What the overview tells of the work: alerts by day and what they were judged, what is open and how old, how long looking and deciding took. */
import type { Instant, SeverityLevel, VerdictValue } from './domain.ts';

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

export type Overview = {
  /** Where days begin in the zone asked for, and where the last one ends. They end today, or with the newest alert of older logs. */
  edges: Instant[];
  /** By the time in the log. */
  days: AlertDay[];
  /** Alerts whose line tells no time. */
  untimed: number;
  /** Null where the budget is counted per 100,000 lines. */
  budgetPerDay: number | null;
  ages: AgeRow[];
  /** By today's clock, up to now: from raising to the first look, and to the verdict in force. */
  waitEdges: Instant[];
  toView: Waits;
  toVerdict: Waits;
};
