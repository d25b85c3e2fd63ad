/** @file Entry of the thread that writes reports: serves `ReportMethods`. A large case takes seconds, and main stays free. */
import { parentPort } from 'node:worker_threads';
import { AppError } from '../../shared/errors.ts';
import { messagePort } from '../../shared/nodePorts.ts';
import { servePort, Transferred } from '../../shared/port.ts';
import { inLogOrder, type CaseReport } from './caseReport.ts';
import { redacted } from './redact.ts';
import { renderPreview, renderReport } from './render.ts';
import { previewPeriod, renderPeriod } from './period/renderPeriod.ts';
import type { ReportMethods } from './reportMethods.ts';

let report: CaseReport | undefined;

function gathered(): CaseReport {
  if (!report) throw new AppError('INTERNAL', 'The report thread was asked before it was told of a case.');
  return report;
}

if (parentPort) {
  servePort<ReportMethods>(messagePort(parentPort), {
    begin: (input) => {
      report = input.report;
      return undefined;
    },
    add: ({ alerts }) => {
      gathered().alerts.push(...alerts);
      return undefined;
    },
    complete: (found) => {
      report = { ...gathered(), ...found };
      report.alerts.sort(inLogOrder);
      return undefined;
    },
    render: async ({ format, layout, redaction, attached }) => {
      const bytes = await renderReport(redacted(gathered(), redaction), format, layout, attached);
      return new Transferred({ bytes }, [bytes.buffer]);
    },
    // What can be taken out and chosen is told as it is, whatever is taken out now.
    preview: async ({ layout, redaction }) => {
      const { observables, techniques } = gathered();
      return { html: await renderPreview(redacted(gathered(), redaction), layout), observables, techniques };
    },
    period_file: async ({ report: period, format, redaction }) => {
      const bytes = await renderPeriod(period, format, redaction);
      return new Transferred({ bytes }, [bytes.buffer]);
    },
    period_preview: async ({ report: period, redaction }) => ({ html: await previewPeriod(period, redaction) }),
  });
}
