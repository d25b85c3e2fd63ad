/** @file Reports of cases: gathered by main, written by a thread of their own. */
import { AppError } from '../../shared/errors.ts';
import { connectPort, type Client } from '../../shared/port.ts';
import type { RedactionChoice, ReportFormat, ReportLayout, ReportTemplate, ReportText } from '../../shared/report.ts';
import { reportFormatFacts } from '../../shared/report.ts';
import type { ReportMethods } from '../report/reportMethods.ts';
import type { CaseDetail } from '../../shared/cases.ts';
import { attachedContents } from './attachments.ts';
import { readCase } from './cases.ts';
import type { AppParts } from './createApp.ts';
import { gatherReport } from './reportFacts.ts';

/** Alerts that the preview explains; it shows no more of them. */
const mostPreviewed = 25;
/** Of the settings. */
export const templatesKey = 'reportTemplates';

export type ReportOptions = {
  format: ReportFormat;
  zone?: string | undefined;
  layout: ReportLayout;
  redaction: RedactionChoice;
};

export type ReportFile = { fileName: string; mediaType: string; bytes: Uint8Array };

async function withReport<T>(
  parts: AppParts,
  caseId: string,
  options: { zone: string | undefined; mostDetailed: number; comparesFiles: boolean; layout: ReportLayout },
  work: (thread: Client<ReportMethods>, detail: CaseDetail) => Promise<T>,
): Promise<T> {
  const { services } = parts;
  const zone = checkedZone(options.zone ?? services.host.timeZone);
  const detail = await readCase(parts, caseId, 'verify_audit');
  const thread = services.startThread('report');
  try {
    const client = connectPort<ReportMethods>(thread.port, 'thread that writes reports');
    await gatherReport(parts, client, detail, { ...options, zone });
    return await work(client, detail);
  } finally {
    await thread.stop();
  }
}

/** Throws NOT_FOUND for the case, BAD_REQUEST for a zone that does not exist. */
export async function exportReport(parts: AppParts, caseId: string, options: ReportOptions): Promise<ReportFile> {
  const { format, layout, redaction, zone } = options;
  const { services } = parts;
  return withReport(
    parts,
    caseId,
    { zone, layout, mostDetailed: Infinity, comparesFiles: true },
    async (thread, detail) => {
      // Nothing can be taken out of an attachment: where something is taken out, none goes along.
      const isRedacted = redaction.personal || redaction.observables.length > 0;
      const attached = format === 'zip' && !isRedacted ? await attachedContents(services, detail.attachments) : [];
      const { bytes } = await thread.call('render', { format, layout, redaction, attached });
      const details = {
        format,
        bytes: bytes.length,
        redacted: redaction.observables.length,
        personal: redaction.personal,
      };
      await services.store.call('append_audit', {
        action: 'report.export',
        subject: caseId,
        details,
        actor: await services.actor(),
      });
      const { ending, mediaType } = reportFormatFacts[format];
      return { fileName: `case-${detail.row.number}.${ending}`, mediaType, bytes };
    },
  );
}

/** The beginning of the HTML report as it would be exported now. */
export function previewReport(
  parts: AppParts,
  caseId: string,
  options: Omit<ReportOptions, 'format'>,
): Promise<ReportMethods['preview']['output']> {
  const { zone, layout, redaction } = options;
  return withReport(parts, caseId, { zone, layout, mostDetailed: mostPreviewed, comparesFiles: false }, (thread) =>
    thread.call('preview', { layout, redaction }),
  );
}

export async function readReportText({ services }: AppParts, caseId: string): Promise<ReportText> {
  return services.store.call('get_report_text', { caseId });
}

export async function readTemplates({ services }: AppParts): Promise<ReportTemplate[]> {
  return ((await services.store.call('get_setting', { key: templatesKey })) ?? []) as ReportTemplate[];
}

export function checkedZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw new AppError('BAD_REQUEST', `There is no time zone "${zone}".`);
  }
}
