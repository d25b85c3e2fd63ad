/** @file What the sections of a report are made from. */
import type { CaseReport } from '../caseReport.ts';
import type { TimeFormat } from '../format.ts';

/** How much of a large case is printed; the tables of data (CSV, JSON, XLSX) have everything. */
export type Bounds = {
  /** Alerts, observables and entries that a table lists. */
  rows: number;
  /** Alerts with their line and reason, and of them those with session and lines around. The most severe go first. */
  alerts: number;
  inDepth: number;
};

export type SectionContext = { report: CaseReport; times: TimeFormat; bounds: Bounds };
