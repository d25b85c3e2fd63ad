/** @file The events of a source that is learned from, as detectors of the log's order read them: the table's columns, and values beside them. */
import { rowDoubt } from '../../../shared/rowDoubt.ts';
import type { Client } from '../../../shared/port.ts';
import type { StreamPage } from '../../detect/detector.ts';
import { streamDetectors } from '../../detect/detectors/registry.ts';
import type { CutTable } from '../../learn/dataset.ts';
import { readStreamPages, type KeyTable } from '../../learn/keyTable.ts';
import type { StoreMethods } from '../../store/protocol.ts';

/** The last of the training part, so that memory does not grow with the log; and all that is behind it. */
export const mostTrainingRows = 2_000_000;

/** Rows from `from` on, in pages. */
export type TablePages = { from: number; pages: readonly StreamPage[] };

/** Pages of the rows `from` to `to`. Copies nothing. */
export function* pagesWithin({ from: first, pages }: TablePages, from: number, to: number): Generator<StreamPage> {
  let start = first;
  for (const page of pages) {
    const end = start + page.eventIds.length;
    if (start < to && end > from)
      yield cutPage(page, Math.max(0, from - start), Math.min(page.eventIds.length, to - start));
    start = end;
  }
}

/** The pages of the training part. What may not be taken as normal is taken out once, for all that go through them. */
export function trainingPages(pages: TablePages, { cuts, doubt }: Pick<CutTable, 'cuts' | 'doubt'>): StreamPage[] {
  let row = pages.from;
  return Array.from(pagesWithin(pages, 0, cuts.trainingEnd), (page) => {
    const start = row;
    row += page.eventIds.length;
    return withoutDoubtful(page, doubt.marks.subarray(start, row));
  });
}

/** Who and what is in rows that may not be taken as normal goes. The lines are still there: a gap where they stand is none. */
export function withoutDoubtful(page: StreamPage, marks: Uint8Array): StreamPage {
  if (marks.every((mark) => mark === rowDoubt.none)) return page;
  const emptied = <Column extends { slice(): Column; [row: number]: number }>(column: Column): Column => {
    const own = column.slice();
    marks.forEach((mark, row) => {
      if (mark !== rowDoubt.none) own[row] = 0;
    });
    return own;
  };
  return {
    ...page,
    lineHashes: emptied(page.lineHashes),
    users: emptied(page.users),
    networks: emptied(page.networks),
    outcomes: emptied(page.outcomes),
    leftOut: marks,
  };
}

/** Rows of a page. Copies nothing. */
export function cutPage(page: StreamPage, from: number, to: number): StreamPage {
  const bytes = page.shapes.length / page.eventIds.length;
  return {
    eventIds: page.eventIds.subarray(from, to),
    at: page.at.subarray(from, to),
    severities: page.severities.subarray(from, to),
    templateIndexes: page.templateIndexes.subarray(from, to),
    sessionIds: page.sessionIds.subarray(from, to),
    lineHashes: page.lineHashes.subarray(from, to),
    users: page.users.subarray(from, to),
    networks: page.networks.subarray(from, to),
    hosts: page.hosts.subarray(from, to),
    outcomes: page.outcomes.subarray(from, to),
    flags: page.flags.subarray(from, to),
    shapes: page.shapes.subarray(from * bytes, to * bytes),
  };
}

/** Reads the values of a table's rows, from the first that is wanted on. */
export async function tablePages(
  store: Client<StoreMethods>,
  sourceId: number,
  table: KeyTable,
  trainingEnd: number,
  signal: AbortSignal,
): Promise<TablePages> {
  const from = Math.max(0, trainingEnd - mostTrainingRows);
  const pages: StreamPage[] = [];
  // Nothing is read that no detector wants.
  if (streamDetectors.length === 0) return { from, pages };
  const lastEventId = table.eventIds.at(-1) ?? 0;
  for await (const page of readStreamPages(store, sourceId, signal, {
    afterEventId: (table.eventIds[from] ?? 1) - 1,
  })) {
    const behind = page.eventIds.findIndex((id) => id > lastEventId);
    pages.push(behind < 0 ? page : cutPage(page, 0, behind));
    // A log that is followed has grown meanwhile.
    if (behind >= 0) break;
  }
  return { from, pages };
}
