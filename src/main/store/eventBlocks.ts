/** @file Values of events in the database: a block for each batch that was written, read as columns. */
import { AppError } from '../../shared/errors.ts';
import { emptyValues, shapeNames, type EventValues } from '../../shared/eventValues.ts';
import type { Sources } from './sources.ts';
import type { Connection, Input } from './statements.ts';
import { packValues, unpackValues } from './valueBlock.ts';

type Block = { firstEventId: number; eventCount: number; data: Uint8Array };

export type EventBlocks = ReturnType<typeof prepareEventBlocks>;

export function prepareEventBlocks(db: Connection, parts: { sources: Sources }) {
  const { sources } = parts;
  const insert = db.prepare<[number, number, Uint8Array]>(
    'INSERT INTO event_block (first_event_id, event_count, data) VALUES (?, ?, ?)',
  );
  const columns = 'first_event_id AS firstEventId, event_count AS eventCount, data';
  const before = db.prepare<[number, number], Block>(
    `SELECT ${columns} FROM event_block WHERE first_event_id BETWEEN ? AND ? ORDER BY first_event_id DESC LIMIT 1`,
  );
  const within = db.prepare<[number, number], Block>(
    `SELECT ${columns} FROM event_block WHERE first_event_id BETWEEN ? AND ? ORDER BY first_event_id`,
  );
  const remove = db.prepare<[number, number]>('DELETE FROM event_block WHERE first_event_id BETWEEN ? AND ?');

  return {
    /** Belongs into the transaction that writes the events. */
    append: (firstEventId: number, count: number, values: EventValues): void => {
      for (const [name, column] of Object.entries(values)) {
        const length = name === 'shapes' ? count * shapeNames.length : count;
        if (column.length !== length) {
          throw new AppError(
            'BAD_REQUEST',
            `A batch of ${count} events has a column ${name} of ${column.length} values.`,
          );
        }
      }
      if (count > 0) insert.run(firstEventId, count, packValues(values));
    },

    /** Of the events that `read_keys` gives for the same input; all 0 where nothing is kept. */
    read: ({ sourceId, afterEventId, limit }: Input<'read_values'>): EventValues => {
      const { firstEventId, lastEventId } = sources.range(sourceId);
      const from = Math.max(afterEventId + 1, firstEventId);
      const to = Math.min(lastEventId, from + limit - 1);
      const values = emptyValues(Math.max(0, to - from + 1));
      const put = (block: Block | undefined): void => {
        if (!block) return;
        const { firstEventId: first, eventCount, data } = block;
        const start = Math.max(from, first);
        const end = Math.min(to, first + eventCount - 1);
        if (start <= end)
          unpackValues(data, eventCount, { from: start - first, to: end - first + 1 }, values, start - from);
      };
      put(before.get(firstEventId, from));
      for (const block of within.iterate(from + 1, to)) put(block);
      return values;
    },

    /** Those that begin with one of these events. */
    remove: (firstEventId: number, lastEventId: number): void => void remove.run(firstEventId, lastEventId),
  };
}
