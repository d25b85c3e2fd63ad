/** @file The alert that comes into view when others leave a list under a verdict: one that stays, so that the next key finds it where it was. */
import type { AlertRow } from '../../shared/alerts.ts';

type List = {
  rows: readonly AlertRow[];
  rowCount: number;
  rowAt: (index: number) => AlertRow | undefined;
  indexOf: (id: string) => number;
};

/**
 * The first row behind `at` that is not `gone`, and not likely to fold: `mayLeave` of its kind. Where all may leave, the first that is
 * there all the same.
 */
export function nextAlert(
  list: List,
  at: number,
  gone: ReadonlySet<string>,
  mayLeave: (signature: string) => boolean,
): AlertRow | undefined {
  let next: AlertRow | undefined;
  for (let index = at + 1; index < list.rowCount; index++) {
    const row = list.rowAt(index);
    if (!row) break;
    if (gone.has(row.id)) continue;
    if (!mayLeave(row.signature)) return row;
    next ??= row;
  }
  return next ?? list.rows.find((row) => !gone.has(row.id) && list.indexOf(row.id) > at);
}
