/** @file The timeline of a case as lanes of marks, on screen and in reports: what is where, what shares a place, and which part is looked at. */
import type { CaseNote } from './cases.ts';
import type { Instant } from './instant.ts';
import type { SeverityLevel } from './alerts.ts';
import type { Verdict, VerdictValue } from './verdicts.ts';

export const lanes = ['Events', 'Alerts', 'Verdicts', 'Notes'] as const;
export type Lane = (typeof lanes)[number];

export type Moment = {
  lane: Lane;
  at: Instant;
  text: string;
  severity: SeverityLevel | null;
  verdict: VerdictValue | null;
};
export type Range = { from: Instant; to: Instant };
/** Moments that are drawn at one place: the most severe of them, and how many. */
export type Place = { x: number; moment: Moment; count: number };

const leastSpanMs = 1000;

type TimedAlert = {
  number: number;
  title: string;
  /** What its line says, where the reader sees no line beside. */
  excerpt?: string;
  at: Instant | null;
  raisedAt: Instant;
  severity: SeverityLevel;
  verdict: Pick<Verdict, 'value' | 'analyst' | 'givenAt'> | null;
};

/** In the order of time. Events are where the log has them, alerts when they were raised. */
export function momentsOf(
  { alerts, notes }: { alerts: readonly TimedAlert[]; notes: readonly CaseNote[] },
  nameOf: (value: VerdictValue) => string,
): Moment[] {
  const moments: Moment[] = [];
  for (const { number, title, excerpt, at, raisedAt, severity, verdict } of alerts) {
    const text = `A-${number} ${excerpt ?? title}`;
    if (at !== null) moments.push({ lane: 'Events', at, text, severity, verdict: null });
    moments.push({ lane: 'Alerts', at: raisedAt, text, severity, verdict: null });
    if (verdict) {
      const said = `A-${number} ${nameOf(verdict.value)}, ${verdict.analyst}`;
      moments.push({ lane: 'Verdicts', at: verdict.givenAt, text: said, severity: null, verdict: verdict.value });
    }
  }
  for (const { analyst, writtenAt, text } of notes) {
    const first = text.trimStart().split('\n', 1)[0] ?? '';
    moments.push({
      lane: 'Notes',
      at: writtenAt,
      text: `${analyst}: ${first.slice(0, 200)}`,
      severity: null,
      verdict: null,
    });
  }
  return moments.sort((a, b) => a.at - b.at);
}

/** Of some moments, with a little room on both sides; null where there is none. */
export function rangeOf(moments: readonly Moment[]): Range | null {
  const [first, last] = [moments[0], moments.at(-1)];
  if (!first || !last) return null;
  const room = Math.max(leastSpanMs, (last.at - first.at) * 0.03);
  return { from: first.at - room, to: last.at + room };
}

/** `factor` below 1 looks closer; `about` stays where it is. Never beyond `whole`. */
export function zoomed(range: Range, whole: Range, factor: number, about = (range.from + range.to) / 2): Range {
  const span = Math.min(whole.to - whole.from, Math.max(leastSpanMs, (range.to - range.from) * factor));
  const share = (about - range.from) / Math.max(1, range.to - range.from);
  return within({ from: about - span * share, to: about + span * (1 - share) }, whole);
}

export function moved(range: Range, whole: Range, share: number): Range {
  const by = (range.to - range.from) * share;
  return within({ from: range.from + by, to: range.to + by }, whole);
}

function within(range: Range, whole: Range): Range {
  const span = Math.min(range.to - range.from, whole.to - whole.from);
  const from = Math.max(whole.from, Math.min(whole.to - span, range.from));
  return { from, to: from + span };
}

/** Moments of a lane that are in range, joined where they would stand on one another. */
export function placesOf(moments: readonly Moment[], lane: Lane, range: Range, width: number, gap = 4): Place[] {
  const places: Place[] = [];
  for (const moment of moments) {
    if (moment.lane !== lane || moment.at < range.from || moment.at > range.to) continue;
    const x = xOf(moment.at, range, width);
    const last = places.at(-1);
    if (last && x - last.x < gap) {
      last.count++;
      if ((moment.severity ?? 0) > (last.moment.severity ?? 0)) last.moment = moment;
    } else places.push({ x, moment, count: 1 });
  }
  return places;
}

export function xOf(at: Instant, { from, to }: Range, width: number): number {
  return ((at - from) / Math.max(1, to - from)) * width;
}

export function instantAt(x: number, { from, to }: Range, width: number): Instant {
  return Math.round(from + (x / Math.max(1, width)) * (to - from));
}
