/** @file Who decided what in the span, how long it took, and what else was done. */
import { verdictValues } from '../../../shared/verdicts.ts';
import type { Block, Run } from '../document.ts';
import { heading, paragraph } from '../document.ts';
import { actionText, counted, formatCount, verdictNames } from '../format.ts';
import { visibleLines } from '../visible.ts';
import { cell, durationText, leftOut, name, severityCell, table } from './periodContext.ts';
import type { PeriodContext } from './periodContext.ts';
import type { Waited } from './periodReport.ts';

export function decidedBlocks({ report, times, mostRows }: PeriodContext): Block[] {
  const { decisions, decisionCount, toView, toVerdict, toClosing } = report;
  const analysts = [...Map.groupBy(decisions, ({ analyst }) => analyst)].sort(
    ([one, ofOne], [other, ofOther]) => ofOther.length - ofOne.length || (one < other ? -1 : 1),
  );
  const standing = decisions.filter(({ isStanding }) => isStanding).length;
  const shown = decisions.slice(0, mostRows);
  const waited = (what: string, { count, medianMs, p90Ms }: Waited): Run[][] => [
    cell(what),
    cell(count),
    cell(durationText(medianMs)),
    cell(durationText(p90Ms)),
  ];
  return [
    paragraph(
      decisionCount === 0
        ? 'No verdict was given in this time.'
        : `${counted(decisionCount, 'verdict')}, of which ${formatCount(decisionCount - decisions.length + standing)} stand.`,
    ),
    ...table(
      [
        { title: 'Who', share: 3 },
        ...verdictValues.map((value) => ({ title: verdictNames[value], isNumber: true, share: 2 })),
        { title: 'Alerts in all', isNumber: true, share: 1.6 },
      ],
      analysts.map(([analyst, given]) => [
        name(analyst),
        ...verdictValues.map((value) => cell(given.filter((one) => one.value === value).length)),
        cell(given.reduce((sum, { alertCount }) => sum + alertCount, 0)),
      ]),
    ),
    heading('How long it took'),
    ...table(
      [
        { title: 'From raising an alert', share: 4 },
        { title: 'Times', isNumber: true, share: 1.4 },
        { title: 'Half within', share: 2 },
        { title: 'Nine in ten within', share: 2 },
      ],
      [
        waited('to the first look at it', toView),
        waited('to its verdict', toVerdict),
        waited('to closing its case (from the first alert)', toClosing),
      ],
    ),
    ...(shown.length === 0
      ? []
      : [
          heading('The verdicts'),
          ...leftOut(shown.length, decisionCount, 'verdict', '; CSV, JSON and XLSX have up to 10,000'),
        ]),
    ...table(
      [
        { title: 'Alert', share: 1.2 },
        { title: 'Severity', share: 1.5 },
        { title: 'What', share: 3.6 },
        { title: 'Verdict', share: 2.4 },
        { title: 'Who', share: 1.8 },
        { title: 'When', isTime: true, share: 2.8 },
        { title: 'Note', share: 3 },
      ],
      shown.map(({ number, severity, title, value, analyst, at, note, alertCount, isStanding }) => [
        cell(alertCount > 1 ? `A-${number} and ${formatCount(alertCount - 1)} more` : `A-${number}`),
        severityCell(severity),
        cell(title),
        [{ text: verdictNames[value], verdict: value }, { text: isStanding ? '' : ', taken back or replaced since' }],
        name(analyst),
        cell(times.full(at)),
        cell(visibleLines(note).join(' ')),
      ]),
    ),
  ];
}

export function doneBlocks({ report: { actions } }: PeriodContext): Block[] {
  const byAnalyst = [...Map.groupBy(actions, ({ analyst }) => analyst)];
  return [
    ...table(
      [
        { title: 'Who', share: 2 },
        { title: 'Entries', isNumber: true, share: 1 },
        { title: 'What, and how often', share: 8 },
      ],
      byAnalyst.map(([analyst, own]) => [
        name(analyst),
        cell(own.reduce((sum, { count }) => sum + count, 0)),
        cell(own.map(({ action, count }) => `${actionText(action)} ${formatCount(count)}`).join('; ')),
      ]),
    ),
  ];
}
