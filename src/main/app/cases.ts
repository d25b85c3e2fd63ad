/** @file A case as it is shown, and as the report that leaves the app. */
import type { CaseDetail } from '../../shared/domain.ts';
import { AppError } from '../../shared/errors.ts';
import { buildCaseReport } from '../report/caseReport.ts';
import { renderCsv } from '../report/csv.ts';
import { renderHtml } from '../report/html.ts';
import { alertDetail } from './alertDetail.ts';
import type { AppParts } from './createApp.ts';
import { toModel } from './modelRegistry.ts';
import { toAlertRows } from './presenter.ts';
import { currentThreshold } from './thresholds.ts';

/** Throws NOT_FOUND. */
export async function readCase({ services, texts }: AppParts, caseId: string): Promise<CaseDetail> {
  const { store, host } = services;
  const [{ record, alerts, notes }, audit] = await Promise.all([
    store.call('get_case', { caseId, now: host.now() }),
    store.call('verify_audit', undefined),
  ]);
  return {
    row: record,
    alerts: await toAlertRows(alerts, texts),
    notes,
    auditIsIntact: audit.brokenAt === null,
    auditCount: audit.count,
    auditHead: audit.head,
  };
}

/** Throws NOT_FOUND for the case, BAD_REQUEST for a zone that does not exist. */
export async function exportCase(
  parts: AppParts,
  caseId: string,
  options: { format: 'html' | 'csv'; zone?: string | undefined; isPreview: boolean },
): Promise<{ fileName: string; mediaType: string; text: string }> {
  const { format, isPreview } = options;
  const { services, texts, work } = parts;
  const { store, host } = services;
  const detail = await readCase(parts, caseId);
  const alerts = [];
  for (const { id } of detail.alerts) {
    alerts.push(await alertDetail({ services, texts, modelOf: (modelId) => work.modelOf(modelId) }, id));
  }
  const [models, threshold, actor] = await Promise.all([
    store.call('list_models', undefined),
    currentThreshold(services),
    services.actor(),
  ]);
  const inUse = models.find(({ state }) => state === 'in_use');
  const report = buildCaseReport({
    detail,
    alerts,
    model: inUse ? toModel(inUse) : null,
    threshold: threshold ?? null,
    workspace: services.opened.name,
    analyst: actor.analyst,
    generatedAt: host.now(),
    zone: checkedZone(options.zone ?? host.timeZone),
  });
  if (!isPreview) {
    await store.call('append_audit', {
      action: 'report.export',
      subject: caseId,
      details: { format, alerts: alerts.length },
      actor,
    });
  }
  const fileName = `case-${detail.row.number}.${format}`;
  return format === 'html'
    ? { fileName, mediaType: 'text/html;charset=utf-8', text: renderHtml(report) }
    : { fileName, mediaType: 'text/csv;charset=utf-8', text: renderCsv(report) };
}

function checkedZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw new AppError('BAD_REQUEST', `There is no time zone "${zone}".`);
  }
}
