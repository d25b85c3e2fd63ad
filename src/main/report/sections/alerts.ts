/** @file The alerts of a report: the timeline with its table, the alerts in full, what was decided. */
import { alertsOnPage } from '../alertTable.ts';
import type { ReportAlert } from '../caseReport.ts';
import type { Block, Run } from '../document.ts';
import { paragraph } from '../document.ts';
import { counted, formatCount } from '../format.ts';
import { timelines } from '../timeline.ts';
import { alertBlocks } from './alertBlocks.ts';
import type { SectionContext } from './context.ts';

const nameOf = (text: string): Run => ({ text, look: 'name' });

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
  const [host, ...others] = [...new Set(shown.map((alert) => alert.host))];
  // One host is said once.
  const isOneHost = others.length === 0;
  return [
    ...timelines(report, times).map((drawn) => ({ kind: 'timeline' as const, ...drawn })),
    ...leftOut(shown.length, alerts.length),
    ...(isOneHost && typeof host === 'string'
      ? [
          {
            kind: 'paragraph' as const,
            isQuiet: true,
            runs: [{ text: 'All on the host ' }, nameOf(host), { text: '.' }],
          },
        ]
      : []),
    alertsOnPage(
      ['alert', 'severity', 'time', 'said', 'who', ...(isOneHost ? [] : (['host'] as const)), 'verdict'],
      shown,
      times,
    ),
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
    ...(shown.length === 0
      ? []
      : [alertsOnPage(['alert', 'kind', 'verdict', 'decidedBy', 'decided', 'note'], shown, times)]),
  ];
}
