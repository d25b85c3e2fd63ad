/** @file The full-text index over events, filled behind them in chunks: each source up to a watermark of its own, since several may grow. */
import type { Connection } from './statements.ts';
import { inTransaction, letOthersIn } from './statements.ts';

/**
 * Rows of one transaction. A verdict may have to wait behind one: measured 16 ms at 2,000 and 140 to 250 ms at 20,000 rows,
 * which index a quarter faster.
 */
const rowsPerChunk = 2000;
/** Of a log with lines of 1 MB, fewer rows make a chunk. */
const bytesPerChunk = 2_000_000;

/** Events of a source behind its watermark: ids after `after`, up to `last`. */
export type UnindexedRange = { sourceId: number; after: number; last: number };

const unindexedSql = `SELECT id AS sourceId, max(indexed_event_id, first_event_id - 1) AS after, last_event_id AS last
  FROM source WHERE max(indexed_event_id, first_event_id - 1) < last_event_id AND state <> 'removing'`;

export type TextIndex = ReturnType<typeof prepareTextIndex>;

export function prepareTextIndex(db: Connection) {
  const allUnindexed = db.prepare<[], UnindexedRange>(`${unindexedSql} ORDER BY first_event_id`);
  const nextUnindexed = db.prepare<[], UnindexedRange>(`${unindexedSql} ORDER BY first_event_id LIMIT 1`);
  const remaining = db.prepare<[], number>(`SELECT coalesce(sum(last - after), 0) FROM (${unindexedSql})`).pluck();
  const watermark = db
    .prepare<[number], number>('SELECT max(indexed_event_id, first_event_id - 1) FROM source WHERE id = ?')
    .pluck();
  const setWatermark = db.prepare<[number, number]>('UPDATE source SET indexed_event_id = ? WHERE id = ?');
  // octet_length reads a row's header only, also of a long line.
  const chunkEnd = db
    .prepare<[number, number, number, number], number | null>(
      `SELECT coalesce(max(id) FILTER (WHERE bytes <= ?), min(id))
       FROM (SELECT id, sum(octet_length(raw)) OVER (ORDER BY id) AS bytes
             FROM (SELECT id, raw FROM event WHERE id > ? AND id <= ? ORDER BY id LIMIT ?))`,
    )
    .pluck();
  const add = db.prepare<[number, number]>(
    'INSERT INTO event_text (rowid, raw) SELECT id, raw FROM event WHERE id > ? AND id <= ? ORDER BY id',
  );
  const removeRange = db.prepare<[number, number]>(
    `INSERT INTO event_text (event_text, rowid, raw)
     SELECT 'delete', id, raw FROM event WHERE id BETWEEN ? AND ?`,
  );
  return {
    /** What is not indexed yet, in the order of ids. */
    unindexed: (): UnindexedRange[] => allUnindexed.all(),
    /** Takes events of a range out; belongs into the transaction that removes them. */
    remove: (sourceId: number, firstEventId: number, lastEventId: number): void => {
      removeRange.run(firstEventId, Math.min(lastEventId, watermark.get(sourceId) ?? 0));
    },
    /** Resolves when all events are indexed. Cancels: between chunks; what is indexed stays so. */
    fill: async (signal: AbortSignal, progress: (value: { remaining: number }) => void): Promise<number> => {
      let indexedCount = 0;
      for (;;) {
        signal.throwIfAborted();
        const added = inTransaction(db, () => {
          const range = nextUnindexed.get();
          if (!range) return null;
          const { sourceId, after, last } = range;
          // Ids of a source follow one another, but an erased row may be missing at its end.
          const end = chunkEnd.get(bytesPerChunk, after, last, rowsPerChunk) ?? last;
          setWatermark.run(end, sourceId);
          return add.run(after, end).changes;
        });
        if (added === null) return indexedCount;
        indexedCount += added;
        progress({ remaining: remaining.get() ?? 0 });
        await letOthersIn();
      }
    },
  };
}
