/**
 * @file Walks all alerts that a query means, in its order, in steps that let others in: what counting, drawing and grouping are made of. A step
 * is so many entries of the index, matching or not, so that a filter that finds nothing waits no longer than one that finds everything.
 */
import type { AlertState } from '../../shared/alerts.ts';
import type { QueueOrder } from '../../shared/alertLists.ts';
import { walkSql, type CompiledQuery } from './alertQuery.ts';
import type { Parameters, StatementCache } from './statementCache.ts';
import { letOthersIn } from './statements.ts';

/** About 10 ms of work where everything matches. */
const entriesPerStep = 10_000;

type Place = [first: number, second: number, eventId: number];

const after = (place: Place | null): Parameters =>
  place ? { first: place[0], second: place[1], eventId: place[2] } : {};
const until = (place: Place | undefined): Parameters =>
  place ? { lastFirst: place[0], lastSecond: place[1], lastEventId: place[2] } : {};

const placeColumns: Record<QueueOrder, string> = {
  severity: 'alert.severity, alert.score, alert.event_id',
  time: 'alert.order_at, 0, alert.event_id',
};

type Scan = { order: QueueOrder; columns: string; joins?: string; signal: AbortSignal };

/** Rows of one state, step by step; the columns begin with the place. */
async function* scanState<R extends unknown[]>(
  cache: StatementCache,
  query: CompiledQuery,
  { state, order, columns, joins = '', signal }: Scan & { state: AlertState },
): AsyncGenerator<R[]> {
  const base = query.of(state);
  const places = placeColumns[order];
  let from: Place | null = null;
  for (;;) {
    signal.throwIfAborted();
    const isLater: boolean = from !== null;
    const ends = walkSql(places, order, { where: '', after: isLater, until: false });
    const end: Place | undefined = cache
      .raw<Place>(`${ends} LIMIT 1 OFFSET ${entriesPerStep - 1}`)
      .get({ state, minScore: base['minScore'] ?? 0, ...after(from) });
    const step = { where: query.where, joins, after: isLater, until: end !== undefined };
    const sql = walkSql(`${places}, ${columns}`, order, step);
    yield cache.raw<R>(sql).all({ ...base, ...after(from), ...until(end) });
    if (!end) return;
    from = end;
    await letOthersIn();
  }
}

export type Placed<R extends unknown[]> = [first: number, second: number, eventId: number, ...R];

/** Rows of every state of the query, one state after the other, many at a time. */
export async function* scanAlerts<R extends unknown[]>(
  cache: StatementCache,
  query: CompiledQuery,
  scan: Scan,
): AsyncGenerator<Placed<R>[]> {
  for (const state of query.states) yield* scanState<Placed<R>>(cache, query, { ...scan, state });
}
