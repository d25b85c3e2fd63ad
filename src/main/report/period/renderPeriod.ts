/** @file From the report of a span to a file: pages by the writers that cases have, tables as a workbook, verdicts as CSV, everything as JSON. */
import type { PeriodFormat } from '../../../shared/period.ts';
import type { RedactionChoice } from '../../../shared/report.ts';
import { textOfRuns, type Block, type ReportDocument } from '../document.ts';
import { createTimeFormat, isTime, severityName, verdictNames } from '../format.ts';
import { passagesOf, plainPassage } from '../passages.ts';
import { redacted } from '../redact.ts';
import { buildPeriodDocument } from './periodDocument.ts';
import { periodFormatVersion, type PeriodReport } from './periodReport.ts';

/** Rows of each table. */
const rowsOf = { screen: 5000, paper: 200, preview: 50, tables: 10_000 };

function dateOf({ generatedAt }: PeriodReport): Date {
  return new Date(isTime(generatedAt) ? generatedAt : 0);
}

async function csvOf({ decisions, zone }: PeriodReport): Promise<string> {
  const { csvText } = await import('../formats/csv.ts');
  const times = createTimeFormat(zone);
  const names = [
    ...['alert', 'severity', 'what', 'verdict', 'analyst', 'time', 'zone', 'note', 'alerts', 'stands', 'raised'],
    'minutes_to_verdict',
  ];
  return csvText(
    names,
    decisions.map((one) => [
      ...[{ own: `A-${one.number}` }, { own: severityName(one.severity) }, { text: one.title }],
      ...[{ own: verdictNames[one.value] }, { text: one.analyst }, { own: times.iso(one.at) }, { text: zone }],
      ...[{ text: one.note }, { own: one.alertCount }, { own: one.isStanding ? 'yes' : 'no' }],
      ...[{ own: times.iso(one.raisedAt) }, { own: (Math.max(0, one.at - one.raisedAt) / 60_000).toFixed(2) }],
    ]),
  );
}

function wordsOf(block: Block): string[] {
  if (block.kind === 'paragraph' || block.kind === 'heading') return [textOfRuns(block.runs)];
  return block.kind === 'written' ? passagesOf(block.nodes).map(plainPassage) : [];
}

/** Each table of the pages is a sheet; what stands between them is the first. */
async function xlsxOf({ label, title, madeAt, facts, sections }: ReportDocument): Promise<Uint8Array> {
  const { sheetOf, workbookOf } = await import('../formats/xlsx.ts');
  const words = sections.flatMap((section) => section.blocks.flatMap(wordsOf).map((text) => [section.title, text]));
  const first = {
    name: 'Report',
    columns: [
      { title: 'Section', width: 26 },
      { title: 'What it says', width: 120 },
    ],
    rows: [[label, title], ['Made', madeAt], ['In short', facts], ...words],
  };
  const tables = sections.flatMap((section) =>
    section.blocks
      .filter((block) => block.kind === 'table')
      .map((block, index) => sheetOf(index === 0 ? section.title : `${section.title} ${index + 1}`, block)),
  );
  return workbookOf([first, ...tables]);
}

async function written(report: PeriodReport, format: PeriodFormat): Promise<string | Uint8Array> {
  const document = (rows: number): ReportDocument => buildPeriodDocument(report, rows);
  switch (format) {
    case 'html':
      return (await import('../formats/html.ts')).renderHtml(document(rowsOf.screen));
    case 'pdf':
      return (await import('../formats/pdf.ts')).renderPdf(document(rowsOf.paper), dateOf(report));
    case 'docx':
      return (await import('../formats/docx.ts')).renderDocx(document(rowsOf.paper), dateOf(report));
    case 'markdown':
      return (await import('../formats/markdown.ts')).renderMarkdown(document(rowsOf.paper));
    case 'xlsx':
      return xlsxOf(document(rowsOf.tables));
    case 'csv':
      return csvOf(report);
    case 'json': {
      const { asciiJson, withTimes } = await import('../formats/json.ts');
      const period = withTimes(report, createTimeFormat(report.zone));
      return asciiJson({ format: 'surprisal-period', version: periodFormatVersion, period });
    }
  }
}

/** The same report gives the same bytes. Throws BAD_INPUT for a zone that does not exist. */
export async function renderPeriod(
  report: PeriodReport,
  format: PeriodFormat,
  redaction: RedactionChoice,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await written(redacted(report, redaction), format);
  return typeof bytes === 'string' ? new TextEncoder().encode(bytes) : new Uint8Array(bytes);
}

export async function previewPeriod(report: PeriodReport, redaction: RedactionChoice): Promise<string> {
  const { renderHtml } = await import('../formats/html.ts');
  return renderHtml(buildPeriodDocument(redacted(report, redaction), rowsOf.preview));
}
