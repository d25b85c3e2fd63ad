/** @file The timeline of a report as an inline picture: alerts where they are in the log, verdicts when they were given. */
import type { Instant } from '../../shared/domain.ts';
import type { ReportAlert } from './caseReport.ts';
import type { TimeFormat } from './format.ts';
import { counted, isTime, severityName, verdictNames } from './format.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';

const width = 720;
const margin = 24;
const axisY = 64;
const tickCount = 4;
const dayMs = 86_400_000;
/** More marks than pixels tell nothing; the table below the picture has them all. */
const maxMarks = 2000;

/** Evenly over the period, as many as have a label of their own. */
function tickInstants(from: Instant, span: number, times: TimeFormat): Instant[] {
  const all = Array.from({ length: tickCount }, (_, index) => from + (span * index) / (tickCount - 1));
  const label = (at: Instant): string => times.short(at, span > dayMs);
  return all.filter((at, index) => index === 0 || label(at) !== label(all[index - 1] ?? from));
}

/** Null where no alert has a time. */
export function timeline(alerts: readonly ReportAlert[], times: TimeFormat): Markup | null {
  const timed = alerts.flatMap((alert) => (isTime(alert.at) ? [{ ...alert, at: alert.at }] : []));
  const first = timed[0];
  if (!first) return null;
  const instants = timed.map(({ at }) => at);
  const from = instants.reduce((least, at) => Math.min(least, at), first.at);
  const to = instants.reduce((most, at) => Math.max(most, at), first.at);
  const span = to - from;
  const x = (at: Instant): string =>
    (span === 0 ? width / 2 : margin + ((at - from) / span) * (width - 2 * margin)).toFixed(1);
  const marks = timed.slice(0, maxMarks).map((alert) => {
    const height = 10 + 8 * alert.severity;
    const label = `A-${alert.number}, ${severityName(alert.severity)}, ${times.full(alert.at)}: ${alert.title}`;
    const dot = alert.verdict
      ? markup`<circle class="vd-${alert.verdict.value}" cx="${x(alert.at)}" cy="${axisY - height - 6}" r="3"><title>${verdictNames[alert.verdict.value]}</title></circle>`
      : null;
    return markup`<rect class="sev-${alert.severity}" x="${x(alert.at)}" y="${axisY - height}" width="3" height="${height}"><title>${label}</title></rect>${dot}`;
  });
  const ticks = tickInstants(from, span, times).map((at) => {
    const anchor = span === 0 || (at !== from && at !== to) ? 'middle' : at === from ? 'start' : 'end';
    return markup`<line class="tick" x1="${x(at)}" x2="${x(at)}" y1="${axisY}" y2="${axisY + 4}" />
      <text class="label" x="${x(at)}" y="${axisY + 16}" text-anchor="${anchor}">${times.short(at, span > dayMs)}</text>`;
  });
  const untimed = alerts.length - timed.length;
  const omitted = untimed > 0 ? ` Not drawn, as the log gives no time: ${counted(untimed, 'alert')}.` : '';
  const period = span === 0 ? times.full(from) : `${times.full(from)} to ${times.full(to)}`;
  return markup`<figure>
    <svg viewBox="0 0 ${width} ${axisY + 22}" role="img" aria-label="${counted(timed.length, 'alert')}, ${period}">
      <line class="axis" x1="${margin}" x2="${width - margin}" y1="${axisY}" y2="${axisY}" />
      ${marks}${ticks}
    </svg>
    <figcaption>${period}. Taller is more severe; a dot is a verdict.${omitted}</figcaption>
  </figure>`;
}
