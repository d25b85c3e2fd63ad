/** @file A list of any length of which only some pages are loaded: where each page begins, which page holds a row or a place. */
import type { AlertRow } from '../../shared/alerts.ts';

export type Page = {
  /** The rows behind this place, up to and with that one; null: from the start, to the end. */
  after: string | null;
  until: string | null;
  /** Null: not loaded; `length` is then what the list was said to have. */
  rows: readonly AlertRow[] | null;
  length: number;
};

export const pageSize = 200;

export function pagesOf(marks: readonly string[], total: number): Page[] {
  const ends = [...marks, null];
  return ends.map((until, index) => {
    const isLast = until === null;
    const length = isLast ? Math.max(0, total - marks.length * pageSize) : pageSize;
    return { after: index === 0 ? null : (ends[index - 1] ?? null), until, rows: null, length };
  });
}

/** First row of each page. */
export function startsOf(pages: readonly Page[]): number[] {
  let start = 0;
  return pages.map(({ length }) => {
    const own = start;
    start += length;
    return own;
  });
}

/** The last page that begins at or before a row. */
export function pageAt(starts: readonly number[], row: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** Negative where `left` comes first in its list. */
export function comparePlaces(left: string, right: string): number {
  const [, ...leftKeys] = left.split(':').map(Number);
  const [, ...rightKeys] = right.split(':').map(Number);
  for (const [index, key] of leftKeys.entries()) {
    const other = rightKeys[index] ?? 0;
    if (key !== other) return other - key;
  }
  return 0;
}

/** The page that a place lies in. */
export function pageOfPlace(pages: readonly Page[], place: string): number {
  const found = pages.findIndex(({ until }) => until === null || comparePlaces(place, until) <= 0);
  return found < 0 ? pages.length - 1 : found;
}
