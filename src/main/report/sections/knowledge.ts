/** @file What is concluded from the evidence: observables, techniques, and where each was seen or why it is suggested. */
import type { Observable } from '../../../shared/observables.ts';
import { defanged, observableKindNames } from '../../../shared/observables.ts';
import type { ReportTechnique } from '../../../shared/report.ts';
import type { Block } from '../document.ts';
import { paragraph } from '../document.ts';
import { counted, formatCount } from '../format.ts';
import type { SectionContext } from './context.ts';

const mostAlertsNamed = 5;

function namedAlerts(numbers: readonly number[]): string {
  const names = numbers.slice(0, mostAlertsNamed).map((number) => `A-${number}`);
  const more = numbers.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
}

/** "212 lines of 2 logs, 3 alerts; C-4". */
export function elsewhereText({ elsewhere }: Observable): string {
  if (elsewhere === null) return 'not looked up';
  const { lineCount, isMore, logCount, alertCount, caseNumbers } = elsewhere;
  // Its own line has it: what is found nowhere was not indexed when the report was made.
  if (lineCount === 0) return 'not indexed yet';
  const lines = `${isMore ? 'more than ' : ''}${counted(lineCount, 'line')} of ${counted(logCount, 'log')}, ${counted(alertCount, 'alert')}`;
  return caseNumbers.length === 0 ? lines : `${lines}; ${caseNumbers.map((number) => `C-${number}`).join(', ')}`;
}

export function rangeText({ isInside }: Observable): string {
  return isInside === null ? '' : isInside ? 'inside' : 'outside';
}

export function observableBlocks({ report: { observables }, bounds }: SectionContext): Block[] {
  if (observables.length === 0) return [];
  const shown = observables.slice(0, bounds.rows);
  const part =
    shown.length < observables.length
      ? ` The first ${formatCount(shown.length)} of ${formatCount(observables.length)}.`
      : '';
  return [
    paragraph(`Defanged: nothing here is a link. Inside are addresses of private and other unrouted ranges.${part}`, {
      isQuiet: true,
    }),
    {
      kind: 'table',
      columns: [
        { title: 'Kind', share: 1.6 },
        { title: 'Observable', share: 5 },
        { title: 'Range', share: 1 },
        { title: 'Alerts', share: 2 },
        { title: 'In all logs', share: 2.6 },
      ],
      rows: shown.map((observable) => ({
        cells: [
          [{ text: observableKindNames[observable.kind] }],
          [{ text: defanged(observable), look: 'log' }],
          [{ text: rangeText(observable) }],
          [{ text: namedAlerts(observable.alerts) }],
          [{ text: elsewhereText(observable) }],
        ],
      })),
    },
  ];
}

function techniqueTable(techniques: readonly ReportTechnique[]): Block {
  const isSuggested = techniques.some(({ reasons }) => reasons.length > 0);
  return {
    kind: 'table',
    columns: [
      { title: 'Technique', share: 1.4 },
      { title: 'Name', share: 3 },
      { title: 'Tactics', share: 2.6 },
      ...(isSuggested ? [{ title: 'What in the evidence suggests it', share: 5 }] : []),
    ],
    rows: techniques.map(({ id, name, tactics, reasons }) => ({
      cells: [
        ...[[{ text: id }], [{ text: name }], [{ text: tactics.join(', ') }]],
        ...(isSuggested ? [[{ text: reasons.join(' ') }]] : []),
      ],
    })),
  };
}

export function attackBlocks({ report: { techniques, attackNotice } }: SectionContext): Block[] {
  if (techniques.length === 0) return [];
  const chosen = techniques.filter(({ isChosen }) => isChosen);
  const suggested = techniques.filter(({ isChosen }) => !isChosen);
  return [
    ...(chosen.length > 0 ? [paragraph('Chosen by the analyst:'), techniqueTable(chosen)] : []),
    ...(suggested.length > 0
      ? [paragraph('Suggested by rules from the evidence, and confirmed by nobody:'), techniqueTable(suggested)]
      : []),
    paragraph(attackNotice, { isQuiet: true }),
  ];
}
