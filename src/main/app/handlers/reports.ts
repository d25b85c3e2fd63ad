/** @file What the routes of reports, on a case or on a span of time, do. */
import type { reportsRoutes } from '../../../shared/routes/reports.ts';
import type { AppParts } from '../createApp.ts';
import { exportPeriod, leaveNote, previewPeriod } from '../periods.ts';
import { attackTechniques } from '../reportFacts.ts';
import { exportReport, previewReport, readReportText, readTemplates, templatesKey } from '../reports.ts';
import type { RouteHandlers } from '../router.ts';

export function reportHandlers(parts: AppParts): Pick<RouteHandlers, keyof typeof reportsRoutes> {
  const { services } = parts;
  const { store } = services;
  return {
    'reports.export': async ({ caseId, ...options }) => {
      const { fileName, mediaType, bytes } = await exportReport(parts, caseId, options);
      return { fileName, mediaType, base64: Buffer.from(bytes).toString('base64') };
    },
    'reports.preview': ({ caseId, ...options }) => previewReport(parts, caseId, options),
    'periods.export': async ({ format, ...options }) => {
      const { fileName, mediaType, bytes } = await exportPeriod(parts, format, options);
      return { fileName, mediaType, base64: Buffer.from(bytes).toString('base64') };
    },
    'periods.preview': (options) => previewPeriod(parts, options),
    'periods.leave_note': async ({ text }) => {
      await leaveNote(parts, text);
      return null;
    },
    'reports.text': ({ caseId }) => readReportText(parts, caseId),
    'reports.write_text': async ({ caseId, text }) => {
      await store.call('set_report_text', { caseId, text, actor: await services.actor() });
      return text;
    },
    'reports.techniques': attackTechniques,
    'reports.templates': () => readTemplates(parts),
    'reports.set_templates': async ({ templates }) => {
      await store.call('set_setting', { key: templatesKey, value: templates, actor: await services.actor() });
      return templates;
    },
  };
}
