/** @file Lines of all logs around a moment; one whose times go to and fro gives the lines around the place that halving finds. */
import type { EventRow } from './events.ts';
import { eventColumns, toEventRecord } from './events.ts';
import type { EventRecord } from './protocol/events.ts';
import type { Connection, Input, Output } from './statements.ts';
import type { TimePlaces } from './timePlaces.ts';

/** Logs that are looked at; of more, those imported last. */
const mostSources = 200;
export type Moments = ReturnType<typeof prepareMoments>;

export function prepareMoments(db: Connection, { placeOf }: TimePlaces) {
  const sources = db.prepare<[number, number], { id: number; first: number; last: number }>(
    `SELECT id, first_event_id AS first, last_event_id AS last FROM source
     WHERE state <> 'removing' AND last_event_id >= first_event_id AND first_at <= ? AND last_at >= ?
     ORDER BY id DESC LIMIT ${mostSources}`,
  );
  const select = `SELECT ${eventColumns} FROM event CROSS JOIN source ON source.id = event.source_id`;
  const before = db.prepare<[number, number, number], EventRow>(
    `${select} WHERE event.id >= ? AND event.id < ? ORDER BY event.id DESC LIMIT ?`,
  );
  const after = db.prepare<[number, number, number], EventRow>(
    `${select} WHERE event.id >= ? AND event.id <= ? ORDER BY event.id LIMIT ?`,
  );

  return {
    around: ({ eventId, at, withinMs, limit, maxChars }: Input<'lines_around_time'>): Output<'lines_around_time'> => {
      const from = at - withinMs;
      const to = at + withinMs;
      const isNear = (row: EventRow): boolean => row.at === null || (row.at >= from && row.at <= to);
      const earlier: EventRecord[] = [];
      const later: EventRecord[] = [];
      // A line without a time stands where the line before it in its log does.
      const moment = new Map<EventRecord, number>();
      for (const { first, last } of sources.all(to, from)) {
        const isOwn = eventId >= first && eventId <= last;
        const place = isOwn ? eventId : placeOf(at, first, last);
        let time = at;
        for (const row of before.iterate(first, place, limit)) {
          if (!isNear(row)) break;
          const record = toEventRecord(row, maxChars);
          time = Math.min(row.at ?? time, time);
          moment.set(record, time);
          earlier.push(record);
        }
        time = at;
        for (const row of after.iterate(isOwn ? place + 1 : place, last, limit)) {
          if (!isNear(row)) break;
          const record = toEventRecord(row, maxChars);
          time = Math.max(row.at ?? time, time);
          moment.set(record, time);
          later.push(record);
        }
      }
      const order = (one: EventRecord, other: EventRecord): number =>
        (moment.get(one) ?? 0) - (moment.get(other) ?? 0) || one.id - other.id;
      earlier.sort(order);
      later.sort(order);
      return {
        before: earlier.slice(-limit),
        after: later.slice(0, limit),
        isCut: earlier.length > limit || later.length > limit,
      };
    },
  };
}
