/** @file A report as an Excel workbook: cases, alerts, predictions with their explanations, label counts, observables, files, redactions. Text is typed as text and never a formula. */
import writeWorkbook, { type SheetData } from 'write-excel-file/node';
import { caseStateNames } from '../../../shared/cases.ts';
import { detectorNames } from '../../../shared/detectors.ts';
import { verdictValues } from '../../../shared/verdicts.ts';
import { defanged, observableKindNames } from '../../../shared/observables.ts';
import { alertsOnSheet } from '../alertTable.ts';
import type { CaseReport, ReportAlert } from '../caseReport.ts';
import type { TimeFormat } from '../format.ts';
import { textOfRuns, type Block, type TableBlock } from '../document.ts';
import { actionText, createTimeFormat, formatProbabilityOfScore, severityName, verdictNames } from '../format.ts';
import { elsewhereText, rangeText } from '../sections/knowledge.ts';
import { assumptionText, fileText } from '../sections/origin.ts';
import { attachmentBlocks, phaseBlocks, taskBlocks } from '../sections/work.ts';
import { visible, visibleLines } from '../visible.ts';
import { rezipped } from './zipped.ts';

/** As Excel has it: a longer text makes the file unreadable. */
const mostCellChars = 32_000;
const mostRows = 1_000_000;

export type Value = string | number | null;
/** Of a workbook: one sheet. Numbers stay numbers, text is never a formula. */
export type Table = { name: string; columns: { title: string; width: number }[]; rows: Value[][] };

/** A table of the pages as a sheet. */
export function sheetOf(name: string, { columns, rows }: TableBlock): Table {
  return {
    name,
    columns: columns.map(({ title, share }) => ({ title, width: Math.max(8, Math.round(share * 11)) })),
    rows: rows.map(({ cells }) =>
      cells.map((runs, column) => {
        const text = textOfRuns(runs);
        const isNumber = columns[column]?.isNumber === true && /^-?[\d,]+$/.test(text);
        return isNumber ? Number(text.replaceAll(',', '')) : text;
      }),
    ),
  };
}

function sheetsOf(name: string, blocks: readonly Block[]): Table[] {
  return blocks.flatMap((block) => (block.kind === 'table' ? [sheetOf(name, block)] : []));
}

/** Excel reads `_x0041_` in a text as a character; and the writer drops what it cannot write without a word. Lines of a text stay lines. */
function cellText(text: string): string {
  const shown = visibleLines(text)
    .join('\n')
    .replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_');
  return shown.length <= mostCellChars ? shown : `${shown.slice(0, mostCellChars).toWellFormed()} …`;
}

function caseTable(report: CaseReport, times: TimeFormat): Table {
  return {
    name: 'Case',
    columns: [
      { title: 'What', width: 24 },
      { title: 'Value', width: 90 },
    ],
    rows: [
      ['Case', `C-${report.number}`],
      ['Title', report.title],
      ['State', caseStateNames[report.state]],
      ['Closed as', report.closing === null ? null : verdictNames[report.closing]],
      ['Owner', report.owner],
      ['Tags', report.tags.join(', ')],
      ['Due', report.dueAt === null ? null : times.full(report.dueAt)],
      ['First alert', times.full(report.raisedAt)],
      ['First looked at', times.full(report.viewedAt)],
      ['Closed', report.closedAt === null ? null : times.full(report.closedAt)],
      ['Severity', report.severity === null ? 'none' : severityName(report.severity)],
      ['Workspace', report.workspace],
      ['Analyst', report.analyst],
      ['Report made', times.full(report.generatedAt)],
      ['Zone of all times', report.zone],
      ['Summary', report.summary],
      ['Findings', report.findings],
      ...report.notes.map(({ analyst, writtenAt, text }): Value[] => [
        `Note, ${analyst}, ${times.full(writtenAt)}`,
        text,
      ]),
      ...report.explanations.map(({ alertNumber, model, text, doubts }): Value[] => [
        `Written by the language model ${model}, A-${alertNumber}`,
        [text, ...doubts.map((doubt) => `In doubt: ${doubt}`)].join('\n'),
      ]),
      ...report.modelSentences.map((sentence): Value[] => ['Model', sentence]),
      ['Audit', report.auditSentence],
    ],
  };
}

/** The most surprising event that has something that was expected instead. */
function expectedInstead({ session }: ReportAlert): string {
  const culprit = session.events.find(({ isCulprit, expected }) => isCulprit && expected.length > 0);
  return (culprit?.expected ?? [])
    .map(({ text, probability }) => `${text} (${(probability * 100).toFixed(1)} %)`)
    .join('; ');
}

function predictionTable({ alerts }: CaseReport): Table {
  return {
    name: 'Predictions',
    columns: [
      { title: 'Alert', width: 9 },
      { title: 'Surprise, bits', width: 14 },
      { title: '-log10 p', width: 10 },
      { title: 'Reason', width: 14 },
      { title: 'Reading', width: 50 },
      { title: 'Explanation', width: 70 },
      { title: 'Expected instead', width: 60 },
      { title: 'Detectors, by their own p', width: 50 },
      { title: 'Perplexity', width: 11 },
      { title: 'Repeats', width: 9 },
      { title: 'Kind of line', width: 60 },
      { title: 'Model', width: 10 },
      { title: 'Threshold', width: 10 },
    ],
    rows: alerts.map((alert) => [
      ...[
        `A-${alert.number}`,
        alert.bits,
        alert.score,
        alert.reason,
        alert.reading,
        alert.reasonText,
        expectedInstead(alert),
      ],
      alert.votes
        .map(({ detector, score }) => `${detectorNames[detector]} ${formatProbabilityOfScore(score)}`)
        .join('; '),
      ...[alert.perplexity, alert.repeatCount, alert.template, alert.modelName, `v${alert.thresholdVersion}`],
    ]),
  };
}

function labelTable({ alerts, labels }: CaseReport): Table {
  const inCase = (value: string | null): number =>
    alerts.filter(({ verdict }) => (verdict?.value ?? null) === value).length;
  return {
    name: 'Labels',
    columns: [
      { title: 'Verdict', width: 26 },
      { title: 'In this case', width: 14 },
      { title: 'In the workspace', width: 18 },
    ],
    rows: [
      ...verdictValues.map((value): Value[] => [verdictNames[value], inCase(value), labels[value]]),
      ['Without a verdict', inCase(null), null],
    ],
  };
}

function observableTable({ observables }: CaseReport, times: TimeFormat): Table {
  return {
    name: 'Observables',
    columns: [
      { title: 'Kind', width: 16 },
      { title: 'Observable, defanged', width: 60 },
      { title: 'Range', width: 10 },
      { title: 'Alerts', width: 30 },
      { title: 'First', width: 26 },
      { title: 'Last', width: 26 },
      { title: 'In all logs', width: 40 },
    ],
    rows: observables.map((observable) => [
      ...[observableKindNames[observable.kind], defanged(observable), rangeText(observable)],
      observable.alerts.map((number) => `A-${number}`).join(' '),
      ...[times.iso(observable.firstAt), times.iso(observable.lastAt), elsewhereText(observable)],
    ]),
  };
}

function techniqueTable({ techniques }: CaseReport): Table {
  return {
    name: 'ATT&CK',
    columns: [
      { title: 'Technique', width: 12 },
      { title: 'Name', width: 40 },
      { title: 'Tactics', width: 36 },
      { title: 'Chosen', width: 12 },
      { title: 'Reasons', width: 80 },
    ],
    rows: techniques.map(({ id, name, tactics, isChosen, reasons }) => [
      ...[id, name, tactics.join(', '), isChosen ? 'by analyst' : 'suggested', reasons.join(' ')],
    ]),
  };
}

function sourceTable({ sources }: CaseReport, times: TimeFormat): Table {
  return {
    name: 'Logs',
    columns: [
      { title: 'Log', width: 30 },
      { title: 'Read', width: 26 },
      { title: 'Lines', width: 12 },
      { title: 'SHA-256 of the file', width: 68 },
      { title: 'Times assumed', width: 24 },
      { title: 'File now', width: 44 },
    ],
    rows: sources.map((source) => [
      ...[source.name, times.iso(source.importedAt), source.lineCount, source.sha256 ?? 'none'],
      ...[assumptionText(source), fileText(source)],
    ]),
  };
}

function auditTable({ audit }: CaseReport, times: TimeFormat): Table {
  return {
    name: 'Audit',
    columns: [
      { title: 'Entry', width: 8 },
      { title: 'Time', width: 26 },
      { title: 'Who', width: 18 },
      { title: 'What', width: 26 },
      { title: 'Details', width: 80 },
    ],
    rows: audit.map(({ sequence, at, analyst, action, details }) => [
      sequence,
      times.iso(at),
      analyst,
      actionText(action),
      details,
    ]),
  };
}

function redactionTable({ redactions }: CaseReport): Table {
  return {
    name: 'Taken out',
    columns: [
      { title: 'Stands there instead', width: 40 },
      { title: 'Of kind', width: 24 },
      { title: 'Times', width: 10 },
    ],
    rows: redactions.map(({ label, kind, count }) => [label, kind, count]),
  };
}

function sheetData({ columns, rows }: Table): SheetData {
  const head = columns.map(({ title }) => ({ value: visible(title), type: String, fontWeight: 'bold' as const }));
  const body = rows.slice(0, mostRows).map((row) =>
    row.map((value, index) => {
      if (value === null || value === '') return null;
      if (typeof value === 'number')
        return Number.isFinite(value)
          ? {
              value,
              type: Number,
              alignVertical: 'top' as const,
              ...(Number.isInteger(value) ? {} : { format: '0.00' }),
            }
          : { value: String(value), type: String };
      return {
        value: cellText(value),
        type: String,
        alignVertical: 'top' as const,
        wrap: value.length > (columns[index]?.width ?? 0) || value.includes('\n'),
      };
    }),
  );
  return [head, ...body];
}

/** The same report gives the same bytes. */
export async function renderXlsx(report: CaseReport): Promise<Uint8Array> {
  const times = createTimeFormat(report.zone);
  const context = { report, times, bounds: { rows: mostRows, alerts: mostRows, inDepth: 0 } };
  const tables = [
    caseTable(report, times),
    { name: 'Alerts', ...alertsOnSheet(report.alerts, times) },
    predictionTable(report),
    labelTable(report),
    observableTable(report, times),
    techniqueTable(report),
    ...sheetsOf('Phases', phaseBlocks(context)),
    ...sheetsOf('Tasks', taskBlocks(context)),
    ...sheetsOf('Attachments', attachmentBlocks(context)),
    sourceTable(report, times),
    auditTable(report, times),
    ...(report.redactions.length > 0 ? [redactionTable(report)] : []),
  ];
  return workbookOf(tables);
}

/** Excel takes no longer name of a sheet, and none twice. */
const longestName = 31;

/** The same tables give the same bytes. */
export async function workbookOf(tables: readonly Table[]): Promise<Uint8Array> {
  const written = await writeWorkbook(
    tables.map((table) => ({
      data: sheetData(table),
      sheet: table.name.slice(0, longestName),
      columns: table.columns.map(({ width }) => ({ width })),
      stickyRowsCount: 1,
      orientation: 'landscape' as const,
    })),
  ).toBuffer();
  return rezipped(written);
}
