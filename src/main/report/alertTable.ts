/** @file Alerts as a table: the columns that pages and workbooks choose from. */
import type { ReportAlert } from './caseReport.ts';
import type { Block, Run } from './document.ts';
import type { TimeFormat } from './format.ts';
import { formatCount, severityName, verdictNames } from './format.ts';
import { visibleLines } from './visible.ts';

/** Of a line, on a page: a command with all that is written before it. */
const mostSaid = 200;

type Column = {
  title: string;
  /** Of a page, as part of the sum; of a sheet, in characters. */
  share: number;
  width: number;
  isTime?: boolean;
  /** `time`: how instants are written. */
  value: (alert: ReportAlert, time: (at: number | null) => string) => string | number | null;
  look?: (alert: ReportAlert) => Omit<Run, 'text'>;
};

const columns = {
  alert: { title: 'Alert', share: 1.1, width: 9, value: ({ number }) => `A-${number}` },
  severity: {
    ...{ title: 'Severity', share: 1.4, width: 12 },
    value: ({ severity }) => `${severity} ${severityName(severity)}`,
    look: ({ severity }) => ({ severity }),
  },
  time: { title: 'Time', isTime: true, share: 2.8, width: 26, value: ({ at }, time) => time(at) },
  kind: {
    title: 'Kind of line',
    share: 5,
    width: 60,
    value: ({ template }) => template,
    look: () => ({ look: 'log' }),
  },
  what: { title: 'What', share: 4, width: 44, value: ({ title }) => title },
  said: {
    ...{ title: 'Line, its start', share: 5, width: 44 },
    value: ({ raw: { text } }) => (text.length > mostSaid ? `${text.slice(0, mostSaid)}…` : text),
    look: () => ({ look: 'log' }),
  },
  whoKind: { title: 'Who, kind', share: 1.4, width: 10, value: ({ entity }) => entity.kind },
  who: { title: 'Who', share: 2, width: 22, value: ({ entity }) => entity.text, look: () => ({ look: 'name' }) },
  host: { title: 'Host', share: 2, width: 16, value: ({ host }) => host, look: () => ({ look: 'name' }) },
  log: { title: 'Log', share: 2, width: 22, value: ({ sourceName }) => sourceName, look: () => ({ look: 'name' }) },
  line: { title: 'Line', share: 1.2, width: 11, value: ({ lineNumber }) => lineNumber },
  byte: { title: 'Byte', share: 1.6, width: 14, value: ({ byteOffset }) => byteOffset },
  verdict: {
    ...{ title: 'Verdict', share: 1.8, width: 22 },
    value: ({ verdict }) => (verdict ? verdictNames[verdict.value] : 'open'),
    look: ({ verdict }) => (verdict ? { verdict: verdict.value } : {}),
  },
  decidedBy: {
    ...{ title: 'Decided by', share: 1.8, width: 16 },
    value: ({ verdict }) => verdict?.analyst ?? null,
    look: () => ({ look: 'name' }),
  },
  decided: {
    ...{ title: 'Decided', isTime: true, share: 2.8, width: 26 },
    value: ({ verdict }, time) => (verdict ? time(verdict.givenAt) : null),
  },
  note: {
    ...{ title: 'Note', share: 4, width: 30 },
    value: ({ verdict }) => (verdict ? visibleLines(verdict.note).join(' ') : null),
  },
  raw: { title: 'Raw line', share: 8, width: 90, value: ({ raw }) => raw.text },
} satisfies Record<string, Column>;
export type AlertColumn = keyof typeof columns;

export function alertsOnPage(chosen: readonly AlertColumn[], alerts: readonly ReportAlert[], times: TimeFormat): Block {
  const shown: Column[] = chosen.map((id) => columns[id]);
  const cell = ({ value, look }: Column, alert: ReportAlert): Run[] => {
    const told = value(alert, (at) => times.full(at));
    return [{ text: typeof told === 'number' ? formatCount(told) : (told ?? ''), ...look?.(alert) }];
  };
  return {
    kind: 'table',
    columns: shown.map(({ title, share, isTime }) => ({ title, share, ...(isTime === true ? { isTime } : {}) })),
    rows: alerts.map((alert) => ({ cells: shown.map((column) => cell(column, alert)) })),
  };
}

/** Every column; times as ISO 8601, which sorts. */
export function alertsOnSheet(alerts: readonly ReportAlert[], times: TimeFormat) {
  const { said: _start, ...whole } = columns;
  const all: Column[] = Object.values(whole);
  return {
    columns: all.map(({ title, width }) => ({ title, width })),
    rows: alerts.map((alert) => all.map(({ value }) => value(alert, (at) => times.iso(at)))),
  };
}
