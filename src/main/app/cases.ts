/** @file A case as it is shown. */
import type { CaseDetail } from '../../shared/domain.ts';
import type { AppParts } from './createApp.ts';
import { toAlertRows } from './presenter.ts';

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
