/** @file The full-text index over events, filled behind the import in chunks up to a watermark. */
import type { Connection } from './statements.ts';
import { inTransaction, letOthersIn } from './statements.ts';

/**
 * Rows of one transaction. A verdict may have to wait behind one: measured 16 ms at 2,000 and 140 to 250 ms at 20,000 rows,
 * which index a quarter faster.
 */
const rowsPerChunk = 2000;
/** Of a log with lines of 1 MB, fewer rows make a chunk. */
const bytesPerChunk = 2_000_000;

export type TextIndex = ReturnType<typeof prepareTextIndex>;

export function prepareTextIndex(db: Connection) {
  const watermark = db.prepare<[], number>('SELECT indexed_event_id FROM text_index').pluck();
  const setWatermark = db.prepare<[number]>('UPDATE text_index SET indexed_event_id = ?');
  const newest = db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM event').pluck();
  // octet_length reads a row's header only, also of a long line.
  const chunkEnd = db
    .prepare<[number, number, number], number | null>(
      `SELECT coalesce(max(id) FILTER (WHERE bytes <= ?), min(id))
       FROM (SELECT id, sum(octet_length(raw)) OVER (ORDER BY id) AS bytes
             FROM (SELECT id, raw FROM event WHERE id > ? ORDER BY id LIMIT ?))`,
    )
    .pluck();
  const add = db.prepare<[number, number]>(
    'INSERT INTO event_text (rowid, raw) SELECT id, raw FROM event WHERE id > ? AND id <= ? ORDER BY id',
  );
  const removeRange = db.prepare<[number, number]>(
    `INSERT INTO event_text (event_text, rowid, raw)
     SELECT 'delete', id, raw FROM event WHERE id BETWEEN ? AND ?`,
  );
  const indexedTo = (): number => watermark.get() ?? 0;
  return {
    /** Events up to this id are indexed. */
    indexedTo,
    /** Takes events of a range out; belongs into the transaction that removes them. */
    remove: (firstEventId: number, lastEventId: number): void => {
      removeRange.run(firstEventId, Math.min(lastEventId, indexedTo()));
    },
    /** Resolves when all events are indexed. Cancels: between chunks; what is indexed stays so. */
    fill: async (signal: AbortSignal, progress: (value: { remaining: number }) => void): Promise<number> => {
      let indexedCount = 0;
      for (;;) {
        signal.throwIfAborted();
        const added = inTransaction(db, () => {
          const from = indexedTo();
          const end = chunkEnd.get(bytesPerChunk, from, rowsPerChunk);
          if (end === undefined || end === null) return null;
          setWatermark.run(end);
          return add.run(from, end).changes;
        });
        if (added === null) return indexedCount;
        indexedCount += added;
        progress({ remaining: Math.max(0, (newest.get() ?? 0) - indexedTo()) });
        await letOthersIn();
      }
    },
  };
}
