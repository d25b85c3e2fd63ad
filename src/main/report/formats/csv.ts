/** @file A case report as CSV for spreadsheets: one row an alert, RFC 4180, and no cell that a spreadsheet would run. */
import type { CaseReport, ReportAlert, ReportSource } from '../caseReport.ts';
import type { TimeFormat } from '../format.ts';
import { createTimeFormat, severityName, verdictNames } from '../format.ts';
import { visible } from '../visible.ts';

/** What makes a spreadsheet read a cell as a formula; the wide and small forms do in East Asian settings. */
const formulaStart = /^\s*[=+\-@\t\r＝＋－＠﹢﹣﹦﹫]/u;
/** Where semicolons separate (German settings), a comma file is split at those inside a quoted cell too. */
const formulaAfterSemicolon = /;(?=[\s"']*[=+\-@＝＋－＠﹢﹣﹦﹫])/gu;

/** Text of others as a cell that is text: visible, and with ' where it would be a formula. */
function guarded(text: string): string {
  const shown = visible(text).replace(formulaAfterSemicolon, ";'");
  return formulaStart.test(text) || formulaStart.test(shown) ? `'${shown}` : shown;
}

/** Numbers and names of our own need no guard. */
export type Cell = { own: string | number } | { text: string | null };

function quoted(cell: Cell): string {
  const content = 'own' in cell ? String(cell.own) : guarded(cell.text ?? '');
  return `"${content.replaceAll('"', '""')}"`;
}

function sourceOf({ sourceId }: ReportAlert, { sources }: CaseReport): ReportSource | undefined {
  return sources.find(({ id }) => id === sourceId);
}

type Column = { name: string; cell: (alert: ReportAlert, report: CaseReport, times: TimeFormat) => Cell };

const columns: Column[] = [
  { name: 'case', cell: (_alert, report) => ({ own: `C-${report.number}` }) },
  { name: 'case_title', cell: (_alert, report) => ({ text: report.title }) },
  { name: 'alert', cell: (alert) => ({ own: `A-${alert.number}` }) },
  { name: 'severity', cell: (alert) => ({ own: severityName(alert.severity) }) },
  { name: 'time', cell: (alert, _report, times) => ({ own: times.iso(alert.at) }) },
  { name: 'zone', cell: (_alert, report) => ({ text: report.zone }) },
  { name: 'what', cell: (alert) => ({ text: alert.title }) },
  { name: 'reason', cell: (alert) => ({ text: alert.reasonText }) },
  { name: 'bits', cell: (alert) => ({ own: alert.bits.toFixed(2) }) },
  { name: 'minus_log10_p', cell: (alert) => ({ own: alert.score.toFixed(3) }) },
  {
    name: 'detectors',
    cell: ({ votes }) => ({ text: votes.map(({ detector, score }) => `${detector} ${score.toFixed(2)}`).join(' ') }),
  },
  { name: 'reading', cell: (alert) => ({ text: alert.reading }) },
  { name: 'repeats', cell: (alert) => ({ own: alert.repeatCount }) },
  { name: 'template', cell: (alert) => ({ text: alert.template }) },
  { name: 'entity_kind', cell: (alert) => ({ text: alert.entity.kind }) },
  { name: 'entity', cell: (alert) => ({ text: alert.entity.text }) },
  { name: 'host', cell: (alert) => ({ text: alert.host }) },
  { name: 'source', cell: (alert) => ({ text: alert.sourceName }) },
  { name: 'line', cell: (alert) => ({ own: alert.lineNumber }) },
  { name: 'byte_offset', cell: (alert) => ({ own: alert.byteOffset ?? '' }) },
  { name: 'source_sha256', cell: (alert, report) => ({ own: sourceOf(alert, report)?.sha256 ?? '' }) },
  { name: 'raw', cell: (alert) => ({ text: alert.raw.text }) },
  { name: 'verdict', cell: ({ verdict }) => ({ own: verdict ? verdictNames[verdict.value] : '' }) },
  { name: 'verdict_by', cell: ({ verdict }) => ({ text: verdict?.analyst ?? null }) },
  { name: 'verdict_time', cell: ({ verdict }, _report, times) => ({ own: times.iso(verdict?.givenAt ?? null) }) },
  { name: 'verdict_note', cell: ({ verdict }) => ({ text: verdict?.note ?? null }) },
  { name: 'model', cell: (alert) => ({ text: alert.modelName }) },
  { name: 'threshold', cell: (alert) => ({ own: `v${alert.thresholdVersion}` }) },
];

/** Starts with a byte order mark, without which Excel reads UTF-8 as the local code page. */
export function csvText(names: readonly string[], rows: readonly Cell[][]): string {
  const lines = [names.map((name): Cell => ({ own: name })), ...rows];
  return `\ufeff${lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('')}`;
}

/** The same report gives the same bytes. */
export function renderCsv(report: CaseReport): string {
  const times = createTimeFormat(report.zone);
  return csvText(
    columns.map(({ name }) => name),
    report.alerts.map((alert) => columns.map(({ cell }) => cell(alert, report, times))),
  );
}
