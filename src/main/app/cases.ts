/** @file A case as it is shown, what may belong to it, and taking a part of it into a case of its own. */
import type { CaseDetail, CaseRow, Suggestion } from '../../shared/cases.ts';
import type { AlertRow } from '../../shared/alerts.ts';
import type { ParsedInput } from '../../shared/routes.ts';
import type { AppParts } from './createApp.ts';
import { toAlertRows } from './presenter.ts';
import type { Services } from './services.ts';

/** `verifies`: how much of the audit; what leaves the workspace names the head of all of it. Throws NOT_FOUND. */
export async function readCase(
  { services, texts }: AppParts,
  caseId: string,
  verifies: 'verify_audit' | 'verify_new_audit' = 'verify_new_audit',
): Promise<CaseDetail> {
  const { store, host } = services;
  const [{ record, alerts, bundled, ...rest }, audit] = await Promise.all([
    store.call('get_case', { caseId, now: host.now() }),
    store.call(verifies, undefined),
  ]);
  return {
    row: record,
    alerts: withBundled(await toAlertRows(alerts, texts), bundled),
    ...rest,
    auditIsIntact: audit.brokenAt === null,
    auditCount: audit.count,
    auditHead: audit.head,
  };
}

/** Both come in the order of their log; where the times say nothing, that stays. */
function withBundled(own: AlertRow[], bundled: readonly AlertRow[]): AlertRow[] {
  const at = (row: AlertRow): number => row.at ?? Number.MAX_SAFE_INTEGER;
  return bundled.length === 0 ? own : [...own, ...bundled].sort((a, b) => at(a) - at(b));
}

/** Suggested at a time: more than a person answers. */
const mostSuggested = 50;

export async function suggestAlerts(
  { services, texts }: AppParts,
  caseId: string,
  minScore: number,
): Promise<{ suggestions: Suggestion[]; refusedCount: number }> {
  const found = await services.store.call('suggest_alerts', { caseId, minScore, limit: mostSuggested });
  const rows = await toAlertRows(
    found.suggestions.map(({ alert }) => alert),
    texts,
  );
  const suggestions = rows.map((alert, index) => ({ alert, relations: found.suggestions[index]?.relations ?? [] }));
  return { suggestions, refusedCount: found.refusedCount };
}

/** The alerts become a new case that is linked to the one they were in. Notes stay where they were written. Throws NOT_FOUND, CONFLICT. */
export async function splitCase(
  { store, host, actor }: Services,
  { caseId, title, alertIds }: ParsedInput<'cases.split'>,
): Promise<CaseRow> {
  return store.call('split_case', { caseId, intoId: host.newId(), title, alertIds, actor: await actor() });
}
