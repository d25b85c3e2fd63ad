/** @file Which cases are listed, and so which ones the mean times are of: by severity, owner and when their first alert was raised. */
import { acknowledgedAfterMs, meanOf, resolvedAfterMs, type CaseRow } from '../../shared/cases.ts';

export const caseSpanDays = [7, 30, 90, 365] as const;

/** Null: any. */
export type CaseFilter = { leastSeverity: number | null; owner: string | null; days: number | null };
export const everyCase: CaseFilter = { leastSeverity: null, owner: null, days: null };
/** As an owner: nobody. */
export const nobody = '';

const dayMs = 86_400_000;

export function filteredCases(rows: readonly CaseRow[], filter: CaseFilter, now: number): CaseRow[] {
  const { leastSeverity, owner, days } = filter;
  return rows.filter(
    (row) =>
      (leastSeverity === null || (row.severity ?? 0) >= leastSeverity) &&
      (owner === null || (row.owner ?? nobody) === owner) &&
      (days === null || row.raisedAt >= now - days * dayMs),
  );
}

/** Null: of no case is it known. */
export function meanTimes(rows: readonly CaseRow[]): {
  acknowledgedMs: number | null;
  resolvedMs: number | null;
  resolvedCount: number;
} {
  const resolved = rows.flatMap((row) => resolvedAfterMs(row) ?? []);
  return {
    acknowledgedMs: meanOf(rows.map(acknowledgedAfterMs)),
    resolvedMs: meanOf(resolved),
    resolvedCount: resolved.length,
  };
}
