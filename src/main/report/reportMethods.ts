/** @file What the report thread is asked: the facts of one case piece by piece, then one file of them. */
import type { RedactionChoice, ReportFormat, ReportLayout } from '../../shared/report.ts';
import type { PeriodFormat } from '../../shared/period.ts';
import type { CaseReport, ReportAlert } from './caseReport.ts';
import type { ZipEntry } from './formats/zipped.ts';
import type { PeriodReport } from './period/periodReport.ts';

export type ReportMethods = {
  /** A case without its alerts, which follow; forgets the one before. */
  begin: { input: { report: CaseReport }; output: undefined };
  add: { input: { alerts: ReportAlert[] }; output: undefined };
  /** Everything was added; what was found in the lines meanwhile. */
  complete: { input: Pick<CaseReport, 'observables' | 'techniques'>; output: undefined };
  render: {
    /** `attached`: contents for the ZIP, under names of ours. */
    input: { format: ReportFormat; layout: ReportLayout; redaction: RedactionChoice; attached: ZipEntry[] };
    output: { bytes: Uint8Array };
  };
  preview: {
    input: { layout: ReportLayout; redaction: RedactionChoice };
    output: Pick<CaseReport, 'observables' | 'techniques'> & { html: string };
  };
  /** Of a span of time, all at once. */
  period_file: {
    input: { report: PeriodReport; format: PeriodFormat; redaction: RedactionChoice };
    output: { bytes: Uint8Array };
  };
  period_preview: { input: { report: PeriodReport; redaction: RedactionChoice }; output: { html: string } };
};
