/** @file The alerts of a report: the timeline with its table, the alerts in full, what was decided. */
import type { ReportAlert } from '../caseReport.ts';
import type { Block } from '../document.ts';
import { paragraph } from '../document.ts';
import { counted, formatCount, severityName, verdictNames } from '../format.ts';
import { timelines } from '../timeline.ts';
import { alertBlocks, verdictBlocks } from './alertBlocks.ts';
import type { SectionContext } from './context.ts';

/** The most severe first, then the most surprising. */
function bySeverity(a: ReportAlert, b: ReportAlert): number {
  return b.severity - a.severity || b.score - a.score || a.number - b.number;
}

/** The `most` that weigh most, in the order they had. */
function heaviest(alerts: readonly ReportAlert[], most: number): ReportAlert[] {
  if (alerts.length <= most) return [...alerts];
  const kept = new Set([...alerts].sort(bySeverity).slice(0, most));
  return alerts.filter((alert) => kept.has(alert));
}

function leftOut(shown: number, all: number): Block[] {
  if (shown >= all) return [];
  const words = `Shown are the ${formatCount(shown)} most severe of ${counted(all, 'alert')}; CSV, JSON and XLSX have all of them.`;
  return [paragraph(words, { isQuiet: true })];
}

export function timelineBlocks({ report, times, bounds }: SectionContext): Block[] {
  const { alerts } = report;
  if (alerts.length === 0) return [];
  const shown = heaviest(alerts, bounds.rows);
  return [
    ...timelines(report, times).map((drawn) => ({ kind: 'timeline' as const, ...drawn })),
    ...leftOut(shown.length, alerts.length),
    {
      kind: 'table',
      columns: [
        { title: 'Alert', share: 1.1 },
        { title: 'Severity', share: 1.4 },
        { title: 'Time', share: 3.4 },
        { title: 'What', share: 4 },
        { title: 'Who', share: 2 },
        { title: 'Host', share: 1.6 },
        { title: 'Verdict', share: 1.8 },
      ],
      rows: shown.map(({ number, severity, at, title, entity, host, verdict }) => ({
        cells: [
          [{ text: `A-${number}` }],
          [{ text: `${severity} ${severityName(severity)}`, severity }],
          [{ text: times.full(at) }],
          [{ text: title }],
          [{ text: entity.text, look: 'name' }],
          [{ text: host ?? '', look: 'name' }],
          [verdict ? { text: verdictNames[verdict.value], verdict: verdict.value } : { text: 'open' }],
        ],
      })),
    },
  ];
}

export function evidenceBlocks({ report: { alerts }, times, bounds }: SectionContext): Block[] {
  const shown = heaviest(alerts, bounds.alerts);
  const deep = new Set(heaviest(shown, bounds.inDepth));
  const depth =
    deep.size < shown.length
      ? [
          paragraph(`With their sessions and the lines around: the ${formatCount(deep.size)} most severe.`, {
            isQuiet: true,
          }),
        ]
      : [];
  return [
    ...leftOut(shown.length, alerts.length),
    ...depth,
    ...shown.flatMap((alert) => alertBlocks(alert, times, deep.has(alert))),
  ];
}

export function verdictSection({ report: { alerts }, times, bounds }: SectionContext): Block[] {
  const decided = alerts.filter(({ verdict }) => verdict !== null);
  const shown = heaviest(decided, bounds.rows);
  return [
    ...leftOut(shown.length, decided.length),
    ...shown.flatMap((alert): Block[] => [
      { kind: 'heading', runs: [{ text: `A-${alert.number} ${alert.title}` }] },
      ...verdictBlocks(alert, times),
    ]),
  ];
}
