/** @file From a case report to a file: every format by its name. The writers of a format are loaded when it is first asked for. */
import type { ReportFormat, ReportLayout } from '../../shared/report.ts';
import { reportFormatFacts, reportFormats } from '../../shared/report.ts';
import { buildDocument } from './buildDocument.ts';
import type { CaseReport } from './caseReport.ts';
import { isTime } from './format.ts';
import type { ZipEntry } from './formats/zipped.ts';
import type { Bounds } from './sections/context.ts';

/** What a format is made from: the facts, or where it is read by people, the document that is laid out of them. */
type Writer = (report: CaseReport, layout: ReportLayout, attached: readonly ZipEntry[]) => Promise<string | Uint8Array>;

/** Pages that are scrolled hold more than pages that are turned. */
const bounds: Record<'screen' | 'paper' | 'preview', Bounds> = {
  screen: { rows: 10_000, alerts: 2000, inDepth: 500 },
  paper: { rows: 1000, alerts: 500, inDepth: 25 },
  preview: { rows: 100, alerts: 25, inDepth: 10 },
};

/** The date that is written into a file. */
function dateOf({ generatedAt }: CaseReport): Date {
  return new Date(isTime(generatedAt) ? generatedAt : 0);
}

const writers: Record<ReportFormat, Writer> = {
  html: async (report, layout) => {
    const { renderHtml } = await import('./formats/html.ts');
    return renderHtml(buildDocument(report, layout, bounds.screen));
  },
  pdf: async (report, layout) => {
    const { renderPdf } = await import('./formats/pdf.ts');
    return renderPdf(buildDocument(report, layout, bounds.paper), dateOf(report));
  },
  docx: async (report, layout) => {
    const { renderDocx } = await import('./formats/docx.ts');
    return renderDocx(buildDocument(report, layout, bounds.paper), dateOf(report));
  },
  markdown: async (report, layout) => {
    const { renderMarkdown } = await import('./formats/markdown.ts');
    return renderMarkdown(buildDocument(report, layout, bounds.paper));
  },
  csv: async (report) => (await import('./formats/csv.ts')).renderCsv(report),
  xlsx: async (report) => (await import('./formats/xlsx.ts')).renderXlsx(report),
  json: async (report) => (await import('./formats/json.ts')).renderJson(report),
  stix: async (report) => (await import('./formats/stix.ts')).renderStix(report),
  misp: async (report) => (await import('./formats/misp.ts')).renderMisp(report),
  zip: async (report, layout, attached) => {
    const { renderZip } = await import('./formats/zip.ts');
    const files = [];
    for (const format of reportFormats) {
      if (format === 'zip') continue;
      const bytes = await renderReport(report, format, layout);
      files.push({ name: `case-${report.number}.${reportFormatFacts[format].ending}`, bytes });
    }
    return renderZip(report, [...files, ...attached]);
  },
};

/** The same report gives the same bytes. `attached`: contents that go into the ZIP. Throws BAD_INPUT for a zone that does not exist. */
export async function renderReport(
  report: CaseReport,
  format: ReportFormat,
  layout: ReportLayout,
  attached: readonly ZipEntry[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  const written = await writers[format](report, layout, attached);
  // A copy of its own: what a library returns may be a part of a larger buffer.
  return typeof written === 'string' ? new TextEncoder().encode(written) : new Uint8Array(written);
}

/** The HTML of the first part of a case, to be looked at while it is put together. */
export async function renderPreview(report: CaseReport, layout: ReportLayout): Promise<string> {
  const { renderHtml } = await import('./formats/html.ts');
  return renderHtml(buildDocument(report, layout, bounds.preview));
}
