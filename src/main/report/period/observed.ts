/** @file What was read in the span, and what stood out in it. */
import type { AlertState } from '../../../shared/alerts.ts';
import type { Silence } from '../../../shared/periodFacts.ts';
import type { Block } from '../document.ts';
import { heading, paragraph } from '../document.ts';
import { counted, formatCount } from '../format.ts';
import type { TimeFormat } from '../format.ts';
import {
  alertColumns,
  alertRow,
  cell,
  durationText,
  leftOut,
  levels,
  name,
  severityCell,
  table,
} from './periodContext.ts';
import type { PeriodContext } from './periodContext.ts';

const states = ['open', 'decided', 'folded', 'muted', 'repeat'] as const satisfies AlertState[];
const stateTitles: Record<(typeof states)[number], string> = {
  open: 'Open',
  decided: 'Decided',
  folded: 'Folded',
  muted: 'Muted',
  repeat: 'Repeats',
};

function silenceText({ from, to }: Silence, times: TimeFormat, end: number): string {
  if (to === null) return `none since ${times.full(from)}`;
  return `${durationText(Math.min(to, end) - from)} from ${times.full(from)}`;
}

export function readBlocks({ report, times, mostRows }: PeriodContext): Block[] {
  const { sources, runs, to } = report;
  if (sources.length === 0) return [paragraph('No log was read in this time.')];
  const lines = sources.reduce((sum, { lineCount }) => sum + lineCount, 0);
  const judged = runs.reduce((sum, { eventCount }) => sum + eventCount, 0);
  const over = runs.reduce((sum, { overCount }) => sum + (overCount ?? 0), 0);
  const shown = sources.slice(0, mostRows);
  const troubles = (source: (typeof sources)[number]): string =>
    [
      source.state === 'ready' ? '' : 'read in part',
      source.plainCount > 0 ? `${counted(source.plainCount, 'line')} not of the format` : '',
      source.badByteCount > 0 ? `${counted(source.badByteCount, 'byte')} that are no text` : '',
    ]
      .filter((part) => part !== '')
      .join(', ');
  return [
    paragraph(
      `${counted(sources.length, 'log')}, ${counted(lines, 'line')}. Judged in this time: ${counted(judged, 'event')}, of which ${formatCount(over)} were at or above the threshold.`,
    ),
    ...leftOut(shown.length, sources.length, 'log', '; JSON has all of them'),
    ...table(
      [
        { title: 'Log', share: 2.4 },
        { title: 'Read', isTime: true, share: 2.8 },
        { title: 'Lines', isNumber: true, share: 1.3 },
        { title: 'Its last line', isTime: true, share: 2.8 },
        { title: 'Not read, or not as the rest', share: 2.6 },
        { title: 'Longest silences', share: 4 },
      ],
      shown.map((source) => [
        name(source.name),
        cell(source.isFollowed ? 'followed' : times.full(source.importedAt)),
        cell(source.lineCount),
        cell(source.lastAt === null ? 'no time' : times.full(source.lastAt)),
        cell(troubles(source) || 'nothing'),
        cell(source.silences.map((silence) => silenceText(silence, times, to)).join('; ') || 'none that stands out'),
      ]),
    ),
    paragraph(
      'A silence is where a log that has lines before has none for more than a fiftieth of the time looked at: of a log that is followed this span, of any other its own.',
      { isQuiet: true },
    ),
  ];
}

export function stoodOutBlocks({ report, times, mostRows }: PeriodContext): Block[] {
  const { alerts, groups, groupCount, top, newKinds, newKindCount } = report;
  const countOf = (level: number, state: string): number =>
    alerts.find((row) => row.severity === level && row.state === state)?.count ?? 0;
  const all = alerts.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return [paragraph('No alert was raised in this time.')];
  const some = (count: number): number => Math.min(count, mostRows);
  return [
    paragraph(`${counted(all, 'alert')} raised, of ${counted(groupCount, 'kind')} of finding.`),
    ...table(
      [
        { title: 'Severity', share: 2 },
        ...states.map((state) => ({ title: stateTitles[state], isNumber: true, share: 1.4 })),
        { title: 'All', isNumber: true, share: 1.4 },
      ],
      levels.map((level) => [
        severityCell(level),
        ...states.map((state) => cell(countOf(level, state))),
        cell(alerts.filter(({ severity }) => severity === level).reduce((sum, { count }) => sum + count, 0)),
      ]),
    ),
    heading('The most severe'),
    ...leftOut(some(top.length), all, 'alert', '; the queue has all of them'),
    ...table(
      alertColumns,
      top.slice(0, mostRows).map((alert) => alertRow(alert, times)),
    ),
    heading('What came most'),
    ...leftOut(some(groups.length), groupCount, 'kind', ' of finding, the most severe and most frequent'),
    ...table(
      [
        { title: 'Alerts', isNumber: true, share: 1 },
        { title: 'Open', isNumber: true, share: 1 },
        { title: 'Severity', share: 1.5 },
        { title: 'What', share: 3.4 },
        { title: 'Kind of line', share: 6 },
        { title: 'One of them', share: 1.6 },
      ],
      groups
        .slice(0, mostRows)
        .map(({ count, openCount, alert }) => [
          cell(count),
          cell(openCount),
          severityCell(alert.severity),
          cell(alert.title),
          [{ text: alert.template, look: 'log' as const }],
          cell(`A-${alert.number}`),
        ]),
    ),
    ...(newKinds.length === 0
      ? []
      : [
          heading('New kinds of line'),
          paragraph('Never seen in training, and not in an alert before this time.', { isQuiet: true }),
          ...leftOut(some(newKinds.length), newKindCount, 'kind', ' of line'),
        ]),
    ...table(
      [
        { title: 'Alerts', isNumber: true, share: 1 },
        { title: 'Kind of line', share: 8 },
        { title: 'Log', share: 2.2 },
        { title: 'First', share: 1.6 },
      ],
      newKinds
        .slice(0, mostRows)
        .map(({ count, alert }) => [
          cell(count),
          [{ text: alert.template, look: 'log' as const }],
          name(alert.sourceName),
          cell(`A-${alert.number}`),
        ]),
    ),
  ];
}
