/** @file What the sections of a report of a span are made from, and how they put things. */
import { severityNames, type SeverityLevel } from '../../../shared/alerts.ts';
import type { Block, Column, Run } from '../document.ts';
import { paragraph } from '../document.ts';
import type { TimeFormat } from '../format.ts';
import { counted, formatCount, severityName, verdictNames } from '../format.ts';
import type { PeriodAlert, PeriodReport } from './periodReport.ts';

export type PeriodContext = { report: PeriodReport; times: TimeFormat; mostRows: number };

export const levels: readonly SeverityLevel[] = [5, 4, 3, 2, 1];

/** A table of no rows says nothing. */
export function table(columns: Column[], rows: Run[][][]): Block[] {
  return rows.length === 0 ? [] : [{ kind: 'table', columns, rows: rows.map((cells) => ({ cells })) }];
}

export function cell(text: string | number | null): Run[] {
  return [{ text: typeof text === 'number' ? formatCount(text) : (text ?? '') }];
}

export function name(text: string | null): Run[] {
  return [{ text: text ?? '', look: 'name' }];
}

export function severityCell(severity: SeverityLevel): Run[] {
  return [{ text: `${severity} ${severityName(severity)}`, severity }];
}

/** What there is more of than is listed, and where all of it is. */
export function leftOut(shown: number, all: number, noun: string, where: string): Block[] {
  if (shown >= all) return [];
  return [paragraph(`Listed are ${formatCount(shown)} of ${counted(all, noun)}${where}.`, { isQuiet: true })];
}

/** "2 critical, 5 low". */
export function severitiesText(bySeverity: Record<SeverityLevel, number>): string {
  const parts = levels.flatMap((level) =>
    bySeverity[level] > 0 ? [`${formatCount(bySeverity[level])} ${severityNames[level - 1]}`] : [],
  );
  return parts.join(', ');
}

export function total(bySeverity: Record<SeverityLevel, number>): number {
  return levels.reduce((sum, level) => sum + bySeverity[level], 0);
}

/** 95,000 ms → "1 min 35 s"; hours and days in their two largest units. */
export function durationText(ms: number | null): string {
  if (ms === null) return 'none';
  const seconds = Math.round(ms / 1000);
  const units: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const largest = units.findIndex(([length]) => seconds >= length);
  if (largest < 0) return '0 s';
  const [first, second] = units.slice(largest, largest + 2);
  const [length, unit] = first ?? [1, 's'];
  const whole = `${formatCount(Math.floor(seconds / length))} ${unit}`;
  const rest = second ? Math.floor((seconds % length) / second[0]) : 0;
  return rest > 0 && second ? `${whole} ${rest} ${second[1]}` : whole;
}

export const alertColumns: Column[] = [
  { title: 'Alert', share: 1.2 },
  { title: 'Severity', share: 1.5 },
  { title: 'Kind of line', share: 5 },
  { title: 'Who', share: 2 },
  { title: 'Log, line', share: 2.4 },
  { title: 'Time in the log', isTime: true, share: 2.8 },
  { title: 'Verdict', share: 2 },
];

export function alertRow(alert: PeriodAlert, times: TimeFormat): Run[][] {
  const { number, severity, template, entity, sourceName, lineNumber, at, verdict, state } = alert;
  return [
    cell(`A-${number}`),
    severityCell(severity),
    [{ text: template, look: 'log' }],
    name(entity.text),
    [{ text: sourceName, look: 'name' }, { text: `, ${formatCount(lineNumber)}` }],
    cell(times.full(at)),
    [verdict === null ? { text: state } : { text: verdictNames[verdict], verdict }],
  ];
}
