/** @file One alert of a report: the line with its surprise, its origin, its session, the lines around, the verdict. */
import type { LogLine } from '../../../shared/sources.ts';
import type { SessionEvent } from '../../../shared/alerts.ts';
import { detectorNames } from '../../../shared/detectors.ts';
import type { ReportAlert } from '../caseReport.ts';
import type { Block, Run } from '../document.ts';
import { paragraph } from '../document.ts';
import type { TimeFormat } from '../format.ts';
import {
  capitalised,
  counted,
  formatBits,
  formatProbabilityOfScore,
  formatCount,
  formatOdds,
  formatShare,
  severityName,
  verdictNames,
} from '../format.ts';
import { heatedRuns } from '../heat.ts';

/** Events of the session that are shown on each side of one that surprised. */
const eventsAside = 5;

function alternatives(expected: SessionEvent['expected']): Run[] {
  return expected.flatMap(({ text, probability }, index): Run[] => [
    ...(index > 0 ? [{ text: '; ' }] : []),
    { text, look: 'log' },
    { text: `, ${formatShare(probability)}` },
  ]);
}

/** The events that surprised and those about them. */
function shownEvents(events: readonly SessionEvent[]): SessionEvent[] {
  const culprits = events.flatMap(({ isCulprit }, index) => (isCulprit ? [index] : []));
  const around = culprits.length > 0 ? culprits : [events.length - 1];
  return events.filter((_event, index) => around.some((place) => Math.abs(place - index) <= eventsAside));
}

function sessionBlocks({ session }: ReportAlert, times: TimeFormat): Block[] {
  if (session.events.length === 0) return [];
  const events = shownEvents(session.events);
  const shown = events.filter(({ eventId }) => eventId !== null).length;
  const part = shown < session.eventCount ? ` Shown here: ${formatCount(shown)} of them.` : '';
  return [
    paragraph(`${session.title}, ${counted(session.eventCount, 'event')}.${part}`, { isQuiet: true }),
    {
      kind: 'table',
      columns: [
        { title: 'Line', isNumber: true, share: 1.4 },
        { title: 'Time', isTime: true, share: 2.2 },
        { title: 'Event', share: 5 },
        { title: 'Surprise', isNumber: true, share: 1.2 },
        { title: 'Expected instead', share: 4 },
      ],
      rows: events.map((event) => ({
        isMain: event.isCulprit,
        cells: [
          [{ text: event.lineNumber === null ? '' : formatCount(event.lineNumber) }],
          [{ text: event.eventId === null ? '' : times.full(event.at) }],
          [{ text: event.text, look: 'log', isStrong: event.isCulprit }],
          [{ text: formatBits(event.bits), bits: event.bits }],
          alternatives(event.expected),
        ],
      })),
    },
  ];
}

function aroundBlocks({ before, after, raw, lineNumber }: ReportAlert): Block[] {
  if (before.length === 0 && after.length === 0) return [];
  const row = (line: LogLine) => ({
    number: line.lineNumber,
    text: `${line.raw}${line.isCut ? ' …' : ''}`,
    isMain: false,
  });
  const main = { number: lineNumber, text: `${raw.text}${raw.isCut ? ' …' : ''}`, isMain: true };
  return [
    paragraph('Lines around', { isQuiet: true }),
    { kind: 'lines', lines: [...before.map(row), main, ...after.map(row)] },
  ];
}

function votesText({ votes, nearest, repeatCount, perplexity }: ReportAlert): string {
  const voted = votes.map(({ detector, score }) => `${detectorNames[detector]} ${formatProbabilityOfScore(score)}`);
  const alike = nearest.map(
    ({ number, value, similarity }) => `A-${number} ${verdictNames[value]} (${formatShare(similarity)} alike)`,
  );
  const parts = [
    voted.length > 0 ? `Detectors, by their own p: ${voted.join('; ')}.` : '',
    perplexity === null
      ? ''
      : `Perplexity ${perplexity < 100 ? perplexity.toFixed(1) : formatCount(Math.round(perplexity))}.`,
    repeatCount > 0 ? `The same again within the cooldown: ${counted(repeatCount, 'more alert')}.` : '',
    alike.length > 0 ? `Nearest decided: ${alike.join('; ')}.` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** `inDepth`: with its session and the lines around. */
export function alertBlocks(alert: ReportAlert, times: TimeFormat, inDepth: boolean): Block[] {
  const { number, severity, title, raw, bits, score, entity, host } = alert;
  // In depth, the table of the session says it.
  const expected = inDepth ? [] : (alert.session.events.find(({ isCulprit }) => isCulprit)?.expected ?? []);
  const votes = votesText(alert);
  const place = alert.byteOffset === null ? '' : `, byte ${formatCount(alert.byteOffset)}`;
  const origin: Run[] = [
    { text: alert.sourceName, look: 'name' },
    { text: `, line ${formatCount(alert.lineNumber)}${place}, ${times.full(alert.at)}. ${capitalised(entity.kind)} ` },
    { text: entity.text, look: 'name' },
    ...(host === null ? [] : [{ text: ', host ' }, { text: host, look: 'name' as const }]),
    { text: '. Kind of line: ' },
    { text: alert.template, look: 'log' },
    { text: `. Scored by ${alert.modelName}, threshold v${alert.thresholdVersion}.` },
  ];
  return [
    {
      kind: 'heading',
      runs: [{ text: `${severity} ${severityName(severity)}`, severity }, { text: ` A-${number} ${title}` }],
    },
    paragraph(`${alert.reading} ${alert.reasonText}`),
    ...(votes === '' ? [] : [paragraph(votes, { isQuiet: true })]),
    { kind: 'line', runs: heatedRuns(raw.text, raw.heat) },
    ...(raw.isCut
      ? [paragraph(`The line has ${formatCount(raw.lengthChars)} characters; its start is shown.`, { isQuiet: true })]
      : []),
    {
      kind: 'paragraph',
      isQuiet: true,
      runs: [
        { text: `${formatBits(bits)} (${formatOdds(bits)}), p ${formatProbabilityOfScore(score)}.` },
        ...(expected.length === 0 ? [] : [{ text: ' Expected instead: ' }, ...alternatives(expected), { text: '.' }]),
      ],
    },
    { kind: 'paragraph', isQuiet: true, runs: origin },
    ...(inDepth ? [...sessionBlocks(alert, times), ...aroundBlocks(alert)] : []),
  ];
}
