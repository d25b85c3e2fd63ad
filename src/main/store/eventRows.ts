/** @file Writing events to a source: the rows of a batch with their sessions, checked, in the transaction of whoever writes. */
import { AppError } from '../../shared/errors.ts';
import type { Counters } from './counters.ts';
import type { EventBlocks } from './eventBlocks.ts';
import type { EventBatch, SessionRecord } from './protocol/sources.ts';
import type { Sessions } from './sessions.ts';
import type { Connection } from './statements.ts';

type EventColumns = [
  id: number,
  sourceId: number,
  lineNumber: number,
  at: number | null,
  severity: number | null,
  templateId: number,
  sessionId: number,
  host: string | null,
  entity: string | null,
  raw: string,
  rawBytes: Uint8Array | null,
];

/** Of the last event that is there. */
type Place = { lastEventId: number; lastLine: number };

/** Checks that the columns belong together: a short one would store undefined as NULL without a word. */
function countRows(events: EventBatch): number {
  const count = events.raws.length;
  const { lineNumbers, at, severities, templateIndexes, sessionIds, hosts, entities } = events;
  for (const column of [lineNumbers, at, severities, templateIndexes, sessionIds, hosts, entities]) {
    if (column.length !== count) {
      throw new AppError('BAD_REQUEST', `A batch of ${count} events has a column of ${column.length} rows.`);
    }
  }
  return count;
}

export type EventRows = ReturnType<typeof prepareEventRows>;

export function prepareEventRows(
  db: Connection,
  parts: { counters: Counters; eventBlocks: EventBlocks; sessions: Sessions },
) {
  const { counters, eventBlocks, sessions } = parts;
  const insert = db.prepare<EventColumns>(
    `INSERT INTO event (id, source_id, line_number, at, severity, template_id, session_id, host, entity, raw, raw_bytes)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const advance = db.prepare<{
    sourceId: number;
    lastEventId: number;
    lastLine: number;
    count: number;
    badBytes: number;
  }>(
    `UPDATE source SET last_event_id = @lastEventId, line_count = max(line_count, @lastLine),
       event_count = event_count + @count, bad_byte_count = bad_byte_count + @badBytes WHERE id = @sourceId`,
  );
  return {
    /** Puts the batch behind `place`. Gives the kinds of line in it, as row ids of `template`. */
    append: (sourceId: number, place: Place, events: EventBatch, changed: readonly SessionRecord[]): Set<number> => {
      const count = countRows(events);
      const kinds = new Set<number>();
      const { lastEventId, lastLine } = place;
      if (events.firstEventId !== lastEventId + 1) {
        throw new AppError(
          'CONFLICT',
          `The next event of source ${sourceId} is ${lastEventId + 1}, not ${events.firstEventId}: an earlier batch is missing.`,
        );
      }
      let previousLine = lastLine;
      let lastSessionId = 0;
      for (let row = 0; row < count; row++) {
        const lineNumber = events.lineNumbers[row] as number;
        if (lineNumber <= previousLine) {
          throw new AppError(
            'BAD_REQUEST',
            `Line ${lineNumber} came after line ${previousLine} of source ${sourceId}.`,
          );
        }
        previousLine = lineNumber;
        const at = events.at[row] as number;
        const severity = events.severities[row] as number;
        const templateId = (events.templateIndexes[row] as number) + 1;
        const sessionId = events.sessionIds[row] as number;
        kinds.add(templateId);
        if (sessionId > lastSessionId) lastSessionId = sessionId;
        insert.run(
          events.firstEventId + row,
          sourceId,
          lineNumber,
          Number.isNaN(at) ? null : at,
          severity < 0 ? null : severity,
          templateId,
          sessionId,
          events.hosts[row] as string | null,
          events.entities[row] as string | null,
          events.raws[row] as string,
          events.rawBytes.get(row) ?? null,
        );
      }
      if (events.values) eventBlocks.append(events.firstEventId, count, events.values);
      const end = lastEventId + count;
      const badBytes = events.rawBytes.size;
      advance.run({ sourceId, lastEventId: end, lastLine: previousLine, count, badBytes });
      counters.raise('event', end);
      for (const { id } of changed) if (id > lastSessionId) lastSessionId = id;
      if (lastSessionId > 0) counters.raise('session', lastSessionId);
      sessions.upsert(sourceId, changed);
      return kinds;
    },
  };
}
