/** @file A report as JSON: all that is known of the case, with times in the report's zone beside the milliseconds. ASCII only, so that nothing that hides or reorders stands in it raw. */
import { reportFormatVersion, type CaseReport } from '../caseReport.ts';
import { createTimeFormat, type TimeFormat } from '../format.ts';

/** JSON's own escapes for everything outside of printable ASCII, lone surrogates too. */
export function asciiJson(value: unknown): string {
  return `${JSON.stringify(value, null, 1).replace(/[^\n\u0020-\u007e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

const timeNames = new Set([
  'at',
  'givenAt',
  'writtenAt',
  'generatedAt',
  'importedAt',
  'firstAt',
  'lastAt',
  'dueAt',
  'raisedAt',
  'viewedAt',
  'closedAt',
  'madeAt',
  'doneAt',
  'addedAt',
  'fromAt',
  'toAt',
  'from',
  'to',
  'day',
  'createdAt',
  'finishedAt',
]);

/** Every instant becomes `{ ms, iso }`. */
export function withTimes(value: unknown, times: TimeFormat): unknown {
  if (Array.isArray(value)) return value.map((item) => withTimes(item, times));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      timeNames.has(key) && typeof item === 'number' ? { ms: item, iso: times.iso(item) } : withTimes(item, times),
    ]),
  );
}

export function renderJson(report: CaseReport): string {
  const times = createTimeFormat(report.zone);
  return asciiJson({
    format: 'surprisal-case',
    version: reportFormatVersion,
    case: withTimes(report, times),
  });
}
