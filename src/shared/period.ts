/** @file Reports of a span of time: which spans can be asked for, in which formats, and the notes that one shift leaves the next. */
import type { Instant } from './instant.ts';
import type { ReportFormat } from './report.ts';

export const periodKinds = ['shift-8', 'shift-12', 'day', 'week', 'month'] as const;
export type PeriodKind = (typeof periodKinds)[number];

const hourMs = 3_600_000;
/** Each ends now. */
export const periodFacts: Record<PeriodKind, { name: string; hours: number }> = {
  'shift-8': { name: 'Last shift, 8 h', hours: 8 },
  'shift-12': { name: 'Last shift, 12 h', hours: 12 },
  day: { name: 'Last day', hours: 24 },
  week: { name: 'Last 7 days', hours: 7 * 24 },
  month: { name: 'Last 30 days', hours: 30 * 24 },
};

/** `to` is no part of it. */
export type Span = { from: Instant; to: Instant };

/** Longer ones are many reports. */
export const longestSpanMs = 400 * 24 * hourMs;
/** A span up to so long is handed over; a longer one is looked back on. */
export const longestShiftMs = 24 * hourMs;

export function spanOf(kind: PeriodKind, now: Instant): Span {
  return { from: now - periodFacts[kind].hours * hourMs, to: now };
}

export function isShift({ from, to }: Span): boolean {
  return to - from <= longestShiftMs;
}

/** CSV has the verdicts, one a row; what is exchanged between tools (STIX, MISP) is of cases only. */
export const periodFormats = [
  'html',
  'pdf',
  'docx',
  'markdown',
  'xlsx',
  'csv',
  'json',
] as const satisfies ReportFormat[];
export type PeriodFormat = (typeof periodFormats)[number];

/** What one shift leaves the next, in Markdown; only ever added to. */
export type HandoverNote = { id: string; analyst: string; writtenAt: Instant; text: string };
