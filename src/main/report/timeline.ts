/** @file The timeline of a report as a picture: alerts where they are in the log, verdicts as dots. As data, and drawn as SVG. */
import type { Instant, SeverityLevel, VerdictValue } from '../../shared/domain.ts';
import type { ReportAlert } from './caseReport.ts';
import type { TimeFormat } from './format.ts';
import { counted, isTime, severityName } from './format.ts';
import { paper, severityColours, verdictColours } from './palette.ts';
import type { Markup } from './formats/markup.ts';
import { markup } from './formats/markup.ts';

export const pictureWidth = 720;
export const pictureHeight = 86;
export const axisY = 64;
const margin = 24;
const tickCount = 4;
const dayMs = 86_400_000;
/** More marks than pixels tell nothing; the table below the picture has them all. */
const maxMarks = 2000;

export type TimelinePicture = {
  label: string;
  /** Bars stand on the axis. */
  marks: { x: number; height: number; severity: SeverityLevel; verdict: VerdictValue | null; label: string }[];
  ticks: { x: number; text: string; anchor: 'start' | 'middle' | 'end' }[];
};

/** Evenly over the period, as many as have a label of their own. */
function tickInstants(from: Instant, span: number, times: TimeFormat): Instant[] {
  const all = Array.from({ length: tickCount }, (_, index) => from + (span * index) / (tickCount - 1));
  const label = (at: Instant): string => times.short(at, span > dayMs);
  return all.filter((at, index) => index === 0 || label(at) !== label(all[index - 1] ?? from));
}

/** Null where no alert has a time. */
export function timeline(
  alerts: readonly ReportAlert[],
  times: TimeFormat,
): { picture: TimelinePicture; caption: string } | null {
  const timed = alerts.flatMap((alert) => (isTime(alert.at) ? [{ ...alert, at: alert.at }] : []));
  const first = timed[0];
  if (!first) return null;
  const from = timed.reduce((least, { at }) => Math.min(least, at), first.at);
  const to = timed.reduce((most, { at }) => Math.max(most, at), first.at);
  const span = to - from;
  const x = (at: Instant): number =>
    span === 0 ? pictureWidth / 2 : margin + ((at - from) / span) * (pictureWidth - 2 * margin);
  const marks = timed.slice(0, maxMarks).map((alert) => ({
    x: x(alert.at),
    height: 10 + 8 * alert.severity,
    severity: alert.severity,
    verdict: alert.verdict?.value ?? null,
    label: `A-${alert.number}, ${severityName(alert.severity)}, ${times.full(alert.at)}: ${alert.title}`,
  }));
  const ticks = tickInstants(from, span, times).map((at) => ({
    x: x(at),
    text: times.short(at, span > dayMs),
    anchor:
      span === 0 || (at !== from && at !== to)
        ? ('middle' as const)
        : at === from
          ? ('start' as const)
          : ('end' as const),
  }));
  const untimed = alerts.length - timed.length;
  const period = span === 0 ? times.full(from) : `${times.full(from)} to ${times.full(to)}`;
  const omitted = [
    timed.length > maxMarks ? ` Drawn are the first ${maxMarks} of ${counted(timed.length, 'alert')}.` : '',
    untimed > 0 ? ` Not drawn, as the log gives no time: ${counted(untimed, 'alert')}.` : '',
  ].join('');
  return {
    picture: { label: `${counted(timed.length, 'alert')}, ${period}`, marks, ticks },
    caption: `${period}. Taller is more severe; a dot is a verdict.${omitted}`,
  };
}

/** `isPlain`: without the labels that a pointer shows, for what only draws. */
export function timelineSvg({ label, marks, ticks }: TimelinePicture, { isPlain }: { isPlain: boolean }): Markup {
  const at = (value: number): string => value.toFixed(1);
  const bars = marks.map(({ x, height, severity, verdict, label: name }) => {
    const title = isPlain ? null : markup`<title>${name}</title>`;
    const dot =
      verdict === null
        ? null
        : markup`<circle fill="${verdictColours[verdict]}" cx="${at(x)}" cy="${axisY - height - 6}" r="3" />`;
    return markup`<rect fill="${severityColours[severity]}" x="${at(x)}" y="${axisY - height}" width="3" height="${height}">${title}</rect>${dot}`;
  });
  const labels = ticks.map(
    ({
      x,
      text,
      anchor,
    }) => markup`<line stroke="${paper.axis}" x1="${at(x)}" x2="${at(x)}" y1="${axisY}" y2="${axisY + 4}" />
      <text font-size="10" fill="${paper.quiet}" x="${at(x)}" y="${axisY + 16}" text-anchor="${anchor}">${text}</text>`,
  );
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${pictureWidth} ${pictureHeight}" role="img" aria-label="${label}">
      <line stroke="${paper.axis}" x1="${margin}" x2="${pictureWidth - margin}" y1="${axisY}" y2="${axisY}" />
      ${bars}${labels}
    </svg>`;
}
