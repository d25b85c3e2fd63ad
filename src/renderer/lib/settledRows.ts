/** @file Rows of a list that was asked for again: what did not change is not drawn again, and what an order of its own would move stays. */
import type { AlertRow } from '../../shared/alerts.ts';

type List = { rowAt: (index: number) => AlertRow | undefined; indexOf: (id: string) => number };

/** Rows that did not change are the same objects as in `list`. */
export function settledRows(found: readonly AlertRow[], list: List): AlertRow[] {
  return found.map((row) => {
    const old = list.rowAt(list.indexOf(row.id));
    return old && JSON.stringify(old) === JSON.stringify(row) ? old : row;
  });
}

/** Those that `list` has already stay in its order, before the others. */
export function inOrderOf(list: Pick<List, 'indexOf'>, rows: readonly AlertRow[]): AlertRow[] {
  const place = ({ id }: AlertRow): number => {
    const at = list.indexOf(id);
    return at < 0 ? Number.MAX_SAFE_INTEGER : at;
  };
  return rows.toSorted((one, other) => place(one) - place(other));
}
