/**
 * @file Where in a log a moment is. Events are not indexed by time: the place is found by halving, since logs are written in the order of time;
 * in one whose times go to and fro it is a place around which lines of that time are.
 */
import type { Connection } from './statements.ts';

/** Events without a time that are passed over to find one with a time. */
const mostUntimed = 200;

export type TimePlaces = ReturnType<typeof prepareTimePlaces>;

export function prepareTimePlaces(db: Connection) {
  const timeFrom = db.prepare<[number, number], { id: number; at: number }>(
    `SELECT id, at FROM (SELECT id, at FROM event WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ${mostUntimed})
     WHERE at IS NOT NULL LIMIT 1`,
  );
  const timeUpTo = db
    .prepare<[number, number], number>(
      `SELECT at FROM (SELECT id, at FROM event WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT ${mostUntimed})
       WHERE at IS NOT NULL LIMIT 1`,
    )
    .pluck();
  return {
    /** Id of the first event of a range at or after the time, where its times rise. */
    placeOf: (at: number, first: number, last: number): number => {
      let low = first;
      let high = last + 1;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const found = timeFrom.get(middle, high - 1);
        if (!found || found.at >= at) high = middle;
        else low = found.id + 1;
      }
      return low;
    },
    /** The time at an event or after it, and the one at it or before; null where none is near. */
    timeFrom: (id: number, last: number): number | null => timeFrom.get(id, last)?.at ?? null,
    timeUpTo: (id: number, first: number): number | null => timeUpTo.get(first, id) ?? null,
  };
}
