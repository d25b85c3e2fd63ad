/** @file The events of a source as columns of numbers, and their sessions: what learning and scoring work on. No text. */
import { shapeNames, type EventValues } from '../../shared/eventValues.ts';
import type { Client } from '../../shared/port.ts';
import type { KeyPage } from '../store/protocol/events.ts';
import type { StoreMethods } from '../store/protocol.ts';

const pageRows = 50_000;
const sessionRows = 100_000;

/** Row i is the i-th event in line order. */
export type KeyTable = KeyPage & {
  /** Rows of session s, in order: `rows[offsets[s] .. offsets[s + 1])`. Sessions are in the order of their first event. */
  sessions: { rows: Int32Array; offsets: Int32Array; ids: Float64Array; isOpen: Uint8Array };
};

/** The kind of an event: its template and how severe its writer found it. An exact number, usable as a key. */
export function kindKey(templateIndex: number, severity: number): number {
  return templateIndex * 16 + severity + 1;
}

export function templateOfKind(key: number): number {
  return Math.floor(key / 16);
}

export function severityOfKind(key: number): number {
  return (key % 16) - 1;
}

export async function readKeyTable(
  store: Client<StoreMethods>,
  sourceId: number,
  signal: AbortSignal,
  mostRows = Infinity,
): Promise<KeyTable> {
  const pages: KeyPage[] = [];
  let rows = 0;
  for await (const page of readKeyPages(store, sourceId, signal)) {
    pages.push(page);
    rows += page.eventIds.length;
    if (rows >= mostRows) break;
  }
  const open = new Map<number, number>();
  for (let after = 0; ;) {
    const page = await store.call('read_sessions', { sourceId, afterSessionId: after, limit: sessionRows }, { signal });
    page.ids.forEach((id, index) => open.set(id, page.open[index] ?? 1));
    if (page.ids.length < sessionRows) break;
    after = page.ids.at(-1) ?? after;
  }
  const keys = joinPages(pages);
  return { ...keys, sessions: groupBySession(keys.sessionIds, open) };
}

/** The table as it was when the source had so many events: sessions that went on since are open. */
export function firstRows(table: KeyTable, rowCount: number): KeyTable {
  if (table.eventIds.length <= rowCount) return table;
  const open = new Map(Array.from(table.sessions.ids, (id, index) => [id, table.sessions.isOpen[index] ?? 1]));
  for (const id of table.sessionIds.subarray(rowCount)) open.set(id, 1);
  const keys = {
    eventIds: table.eventIds.subarray(0, rowCount),
    lineNumbers: table.lineNumbers.subarray(0, rowCount),
    at: table.at.subarray(0, rowCount),
    severities: table.severities.subarray(0, rowCount),
    templateIndexes: table.templateIndexes.subarray(0, rowCount),
    sessionIds: table.sessionIds.subarray(0, rowCount),
  };
  return { ...keys, sessions: groupBySession(keys.sessionIds, open) };
}

/** A source's events in order. The next page is read while one is worked on. */
export async function* readKeyPages(
  store: Client<StoreMethods>,
  sourceId: number,
  signal: AbortSignal,
  limit = pageRows,
): AsyncGenerator<KeyPage> {
  const read = (afterEventId: number): Promise<KeyPage> => {
    const page = store.call('read_keys', { sourceId, afterEventId, limit }, { signal });
    page.catch(() => undefined); // heard where it is waited for, unless nobody wants more
    return page;
  };
  for (let next: Promise<KeyPage> | undefined = read(0); next;) {
    const page: KeyPage = await next;
    const last = page.eventIds.at(-1);
    next = last !== undefined && page.eventIds.length === limit ? read(last) : undefined;
    if (last !== undefined) yield page;
  }
}

/** Keys and values of the same events. */
export type StreamKeys = KeyPage & EventValues;

/** A source's events in order with their values, for stream detectors. The next page is read while one is worked on. */
export async function* readStreamPages(
  store: Client<StoreMethods>,
  sourceId: number,
  signal: AbortSignal,
  options: { afterEventId?: number; limit?: number } = {},
): AsyncGenerator<StreamKeys> {
  const { limit = pageRows } = options;
  const read = (afterEventId: number): Promise<[KeyPage, EventValues]> => {
    const input = { sourceId, afterEventId, limit };
    const both = [store.call('read_keys', input, { signal }), store.call('read_values', input, { signal })] as const;
    for (const one of both) one.catch(() => undefined); // heard where it is waited for, unless nobody wants more
    const page = Promise.all(both);
    page.catch(() => undefined);
    return page;
  };
  for (let next: Promise<[KeyPage, EventValues]> | undefined = read(options.afterEventId ?? 0); next;) {
    const [keys, values]: [KeyPage, EventValues] = await next;
    const last = keys.eventIds.at(-1);
    next = last !== undefined && keys.eventIds.length === limit ? read(last) : undefined;
    if (last !== undefined) yield withValues(keys, values);
  }
}

/** Keys and values that were asked for alike. */
export function withValues(keys: KeyPage, values: EventValues): StreamKeys {
  return { ...keys, ...firstOf(values, keys.eventIds.length) };
}

/** A source that grows may have more events by the time that its values are read. */
function firstOf(values: EventValues, count: number): EventValues {
  const { lineHashes, users, networks, hosts, outcomes, flags, shapes } = values;
  if (lineHashes.length === count) return values;
  return {
    lineHashes: lineHashes.subarray(0, count),
    users: users.subarray(0, count),
    networks: networks.subarray(0, count),
    hosts: hosts.subarray(0, count),
    outcomes: outcomes.subarray(0, count),
    flags: flags.subarray(0, count),
    shapes: shapes.subarray(0, count * shapeNames.length),
  };
}

function joinPages(pages: readonly KeyPage[]): KeyPage {
  const rows = pages.reduce((sum, page) => sum + page.eventIds.length, 0);
  const joined: KeyPage = {
    eventIds: new Float64Array(rows),
    lineNumbers: new Int32Array(rows),
    at: new Float64Array(rows),
    severities: new Int8Array(rows),
    templateIndexes: new Int32Array(rows),
    sessionIds: new Float64Array(rows),
  };
  let start = 0;
  for (const page of pages) {
    joined.eventIds.set(page.eventIds, start);
    joined.lineNumbers.set(page.lineNumbers, start);
    joined.at.set(page.at, start);
    joined.severities.set(page.severities, start);
    joined.templateIndexes.set(page.templateIndexes, start);
    joined.sessionIds.set(page.sessionIds, start);
    start += page.eventIds.length;
  }
  return joined;
}

/** A counting sort: two passes, no object per event. `open` maps session ids to 1 where the log ended before the session did. */
export function groupBySession(sessionIds: Float64Array, open: ReadonlyMap<number, number>): KeyTable['sessions'] {
  const indexOf = new Map<number, number>();
  const counts: number[] = [];
  for (const id of sessionIds) {
    const index = indexOf.get(id);
    if (index === undefined) {
      indexOf.set(id, counts.length);
      counts.push(1);
    } else counts[index] = (counts[index] ?? 0) + 1;
  }
  const offsets = new Int32Array(counts.length + 1);
  counts.forEach((count, index) => (offsets[index + 1] = (offsets[index] ?? 0) + count));
  const next = offsets.slice();
  const rows = new Int32Array(sessionIds.length);
  sessionIds.forEach((id, row) => {
    const index = indexOf.get(id) ?? 0;
    rows[next[index] ?? 0] = row;
    next[index] = (next[index] ?? 0) + 1;
  });
  const ids = Float64Array.from(indexOf.keys());
  return { rows, offsets, ids, isOpen: Uint8Array.from(ids, (id) => open.get(id) ?? 1) };
}
