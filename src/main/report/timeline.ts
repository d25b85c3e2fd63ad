/**
 * @file The timeline of a report as a picture: the lanes of the screen (events, alerts, verdicts, notes) and the phases that the analyst named. As
 * data, which every format draws; and drawn as SVG.
 */
import type { Instant } from '../../shared/instant.ts';
import type { SeverityLevel } from '../../shared/alerts.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';
import {
  lanes,
  momentsOf,
  placesOf,
  rangeOf,
  xOf,
  type Lane,
  type Moment,
  type Range,
} from '../../shared/caseTimeline.ts';
import type { CaseReport } from './caseReport.ts';
import type { TimeFormat } from './format.ts';
import { counted, formatCount, isTime, verdictNames } from './format.ts';
import { paper, severityColours, verdictColours } from './palette.ts';
import type { Markup } from './formats/markup.ts';
import { markup } from './formats/markup.ts';

export const pictureWidth = 720;
const left = 64;
const right = 24;
const laneWidth = pictureWidth - left - right;
const phaseHeight = 16;
const laneHeight = 30;
const tickHeight = 20;
const tickCount = 4;
const dayMs = 86_400_000;
/** Marks closer than so many pixels are one. */
const gap = 5;
/** Where log and work lie apart, and one of them is less of the whole than this, they are two pictures: in one it would be a line. */
const leastShare = 0.05;

export type Mark = {
  lane: Lane;
  /** Its middle. */
  x: number;
  y: number;
  severity: SeverityLevel | null;
  verdict: VerdictValue | null;
  /** So many that stand at one place. */
  count: number;
  label: string;
};

export type TimelinePicture = {
  label: string;
  height: number;
  /** Where the axis lies, under the lanes. */
  axisY: number;
  lanes: { name: Lane; y: number }[];
  phases: { x: number; width: number; name: string }[];
  marks: Mark[];
  ticks: { x: number; text: string }[];
};

/** What is drawn of a mark: rectangles and, for people, letters. An event is taller the more severe it is. */
export function markShape({ lane, severity, verdict }: Mark): {
  kind: 'bar' | 'diamond' | 'dot' | 'page';
  colour: string;
  size: number;
} {
  const colour =
    verdict !== null ? verdictColours[verdict] : severity !== null ? severityColours[severity] : paper.quiet;
  const kind = { Events: 'bar', Alerts: 'diamond', Verdicts: 'dot', Notes: 'page' } as const;
  return { kind: kind[lane], colour, size: lane === 'Events' ? 8 + 3 * (severity ?? 1) : 9 };
}

/** One picture; or two, of the log and of the work, where they lie far apart. None where nothing has a time. */
export function timelines(
  report: Pick<CaseReport, 'alerts' | 'notes' | 'phases'>,
  times: TimeFormat,
): { picture: TimelinePicture; caption: string }[] {
  const timed = report.alerts.map((alert) => ({ ...alert, at: isTime(alert.at) ? alert.at : null }));
  // What a note says stands among the notes; in the picture, whose it is.
  const notes = report.notes.map((note) => ({ ...note, text: 'a note' }));
  const moments = momentsOf({ alerts: timed, notes }, (value) => verdictNames[value]);
  const untimed = timed.filter(({ at }) => at === null).length;
  const more = untimed > 0 ? ` No time in the log, and so not among the events: ${counted(untimed, 'alert')}.` : '';
  const log = moments.filter(({ lane }) => lane === 'Events');
  const work = moments.filter(({ lane }) => lane !== 'Events');
  const [logRange, workRange] = [rangeOf(log), rangeOf(work)];
  const parts =
    logRange && workRange && isFarApart(logRange, workRange)
      ? [
          { moments: log, shown: ['Events'] as const, range: logRange },
          { moments: work, shown: ['Alerts', 'Verdicts', 'Notes'] as const, range: workRange },
        ]
      : [{ moments, shown: lanes, range: rangeOf(moments) }];
  return parts.flatMap(({ moments: own, shown, range }) =>
    range ? [drawn(own, shown, range, report.phases, times, more)] : [],
  );
}

function isFarApart(one: Range, other: Range): boolean {
  const whole = Math.max(one.to, other.to) - Math.min(one.from, other.from);
  const shorter = Math.min(one.to - one.from, other.to - other.from);
  const isApart = one.to < other.from || other.to < one.from;
  return isApart && whole > dayMs && shorter < leastShare * whole;
}

function drawn(
  moments: readonly Moment[],
  shown: readonly Lane[],
  range: Range,
  allPhases: CaseReport['phases'],
  times: TimeFormat,
  more: string,
): { picture: TimelinePicture; caption: string } {
  const span = range.to - range.from;
  const phases = allPhases
    .filter(({ fromAt, toAt }) => toAt >= range.from && fromAt <= range.to)
    .map(({ name, fromAt, toAt }) => {
      const from = left + Math.max(0, xOf(fromAt, range, laneWidth));
      const to = left + Math.min(laneWidth, xOf(toAt, range, laneWidth));
      return { x: from, width: Math.max(3, to - from), name };
    });
  const top = phases.length > 0 ? phaseHeight + 6 : 2;
  const rows = shown.map((name, index) => ({ name, y: top + (index + 0.5) * laneHeight }));
  const axisY = top + rows.length * laneHeight;
  const marks = rows.flatMap(({ name, y }) =>
    placesOf(moments, name, range, laneWidth, gap).map(({ x, moment, count }): Mark => {
      const { severity, verdict, text, at } = moment;
      const others = count > 1 ? ` and ${formatCount(count - 1)} more` : '';
      return { lane: name, x: left + x, y, severity, verdict, count, label: `${times.full(at)} ${text}${others}` };
    }),
  );
  const [first, last] = [moments[0]?.at ?? range.from, moments.at(-1)?.at ?? range.to];
  const period = first === last ? times.full(first) : `${times.full(first)} to ${times.full(last)}`;
  const names = shown.map((name) => name.toLowerCase()).join(', ');
  const named = phases.length > 0 ? ' Above them the phases.' : '';
  return {
    picture: {
      label: `${counted(moments.length, 'moment')}, ${period}`,
      height: axisY + tickHeight,
      axisY,
      lanes: rows,
      phases,
      marks,
      ticks: ticksOf(range, span, times),
    },
    caption: `${period}. From top to bottom: ${names}. Of events, taller is more severe; a number is how many stand at one place.${named}${more}`,
  };
}

/** Evenly over the range, as many as have a label of their own. */
function ticksOf(range: Range, span: number, times: TimeFormat): TimelinePicture['ticks'] {
  const label = (at: Instant): string => (span > 90 * dayMs ? times.day(at) : times.short(at, span > dayMs));
  const all = Array.from({ length: tickCount }, (_, index) => range.from + (span * (index + 0.5)) / tickCount);
  return all
    .filter((at, index) => index === 0 || label(at) !== label(all[index - 1] ?? at))
    .map((at) => ({ x: left + xOf(at, range, laneWidth), text: label(at) }));
}

/** A name of a phase is written where it fits. */
export function fitsIn(name: string, width: number): boolean {
  return width > 6 * name.length;
}

/** `isPlain`: without the labels that a pointer shows, for what only draws. */
export function timelineSvg(picture: TimelinePicture, { isPlain }: { isPlain: boolean }): Markup {
  const { label, height, axisY, lanes: rows, phases, marks, ticks } = picture;
  const at = (value: number): string => value.toFixed(1);
  const shape = (mark: Mark): Markup => {
    const { kind, colour, size } = markShape(mark);
    const { x, y } = mark;
    const title = isPlain ? null : markup`<title>${mark.label}</title>`;
    if (kind === 'bar')
      return markup`<rect fill="${colour}" x="${at(x - 1.5)}" y="${at(y - size / 2)}" width="3" height="${size}">${title}</rect>`;
    if (kind === 'dot')
      return markup`<circle fill="${colour}" cx="${at(x)}" cy="${at(y)}" r="${size / 2}">${title}</circle>`;
    if (kind === 'page')
      return markup`<rect fill="none" stroke="${colour}" x="${at(x - 3)}" y="${at(y - 4.5)}" width="6" height="9">${title}</rect>`;
    const side = 0.75 * size;
    return markup`<rect fill="${colour}" x="${at(x - side / 2)}" y="${at(y - side / 2)}" width="${side}" height="${side}" transform="rotate(45 ${at(x)} ${at(y)})">${title}</rect>`;
  };
  const text = (x: number, y: number, words: string, anchor: 'start' | 'middle' = 'start', size = 10): Markup =>
    markup`<text font-size="${size}" fill="${paper.quiet}" x="${at(x)}" y="${at(y)}" text-anchor="${anchor}">${words}</text>`;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${pictureWidth} ${height}" role="img" aria-label="${label}">
      ${phases.map(({ x, width, name }) => markup`<rect fill="${paper.line}" x="${at(x)}" y="2" width="${at(width)}" height="${phaseHeight}">${isPlain ? null : markup`<title>${name}</title>`}</rect>${fitsIn(name, width) ? text(x + width / 2, 13.5, name, 'middle') : null}`)}
      ${rows.map(({ name, y }) => markup`<line stroke="${paper.line}" x1="${left}" x2="${pictureWidth - right}" y1="${at(y)}" y2="${at(y)}" />${text(0, y + 3.5, name)}`)}
      <line stroke="${paper.axis}" x1="${left}" x2="${pictureWidth - right}" y1="${axisY}" y2="${axisY}" />
      ${marks.map((mark) => markup`${shape(mark)}${mark.count > 1 ? text(mark.x + 6, mark.y - 4, formatCount(mark.count), 'start', 7) : null}`)}
      ${ticks.map(({ x, text: words }) => markup`<line stroke="${paper.axis}" x1="${at(x)}" x2="${at(x)}" y1="${axisY}" y2="${axisY + 4}" />${text(x, axisY + 15, words, 'middle')}`)}
    </svg>`;
}
