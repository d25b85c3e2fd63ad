/** @file Reading events: their keys in bulk, and their text a few lines at a time. */
import type { FormatId } from '../../shared/lines.ts';
import type { EventRecord, KeyPage } from './protocol/events.ts';
import type { Sessions } from './sessions.ts';
import type { Sources } from './sources.ts';
import type { Connection, Input, Output } from './statements.ts';

type KeyRow = [
  id: number,
  lineNumber: number,
  at: number | null,
  severity: number | null,
  templateId: number,
  sessionId: number,
];

export type EventRow = {
  id: number;
  source_id: number;
  source_name: string;
  format: FormatId;
  assumption_year: number | null;
  assumption_zone: string | null;
  line_number: number;
  at: number | null;
  severity: number | null;
  template_id: number;
  session_id: number;
  host: string | null;
  entity: string | null;
  raw: string | null;
};

/** What `EventRow` needs; put in front of FROM event JOIN source. */
export const eventColumns = `event.id, event.source_id, source.name AS source_name, source.format, source.assumption_year,
  source.assumption_zone, event.line_number, event.at, event.severity, event.template_id, event.session_id, event.host,
  event.entity, event.raw`;

/** The first `maxChars` UTF-16 units as a string of its own (a slice would keep a 1 MB line alive), never half a pair. */
function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const last = text.charCodeAt(maxChars - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? maxChars - 1 : maxChars;
  return Buffer.from(text.slice(0, end), 'utf16le').toString('utf16le');
}

export function toEventRecord(row: EventRow, maxChars: number): EventRecord {
  const raw = row.raw ?? ''; // erased
  return {
    id: row.id,
    sourceId: row.source_id,
    sourceName: row.source_name,
    format: row.format,
    assumption: { year: row.assumption_year, zone: row.assumption_zone },
    lineNumber: row.line_number,
    at: row.at,
    severity: row.severity ?? -1,
    templateIndex: row.template_id - 1,
    sessionId: row.session_id,
    host: row.host,
    entity: row.entity,
    raw: cut(raw, maxChars),
    rawLengthChars: raw.length,
  };
}

/** Maps row by row, so that of long lines only one at a time is in memory whole. */
export function toEventRecords(rows: Iterable<EventRow>, maxChars: number): EventRecord[] {
  const records: EventRecord[] = [];
  for (const row of rows) records.push(toEventRecord(row, maxChars));
  return records;
}

/** `capacity`: how many rows there are. */
function toKeyPage(rows: Iterable<KeyRow>, capacity: number): KeyPage {
  const page = {
    eventIds: new Float64Array(capacity),
    lineNumbers: new Int32Array(capacity),
    at: new Float64Array(capacity),
    severities: new Int8Array(capacity),
    templateIndexes: new Int32Array(capacity),
    sessionIds: new Float64Array(capacity),
  };
  let row = 0;
  for (const [id, lineNumber, at, severity, templateId, sessionId] of rows) {
    page.eventIds[row] = id;
    page.lineNumbers[row] = lineNumber;
    page.at[row] = at ?? NaN;
    page.severities[row] = severity ?? -1;
    page.templateIndexes[row] = templateId - 1;
    page.sessionIds[row] = sessionId;
    row++;
  }
  return page;
}

export type Events = ReturnType<typeof prepareEvents>;

export function prepareEvents(db: Connection, parts: { sources: Sources; sessions: Sessions }) {
  const { sources, sessions } = parts;
  const keys = db
    .prepare<[number, number, number], KeyRow>(
      `SELECT id, line_number, at, severity, template_id, session_id FROM event
       WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
    )
    .raw();
  const raws = db
    .prepare<[number, number, number], [id: number, raw: string | null]>(
      'SELECT id, raw FROM event WHERE id > ? AND id <= ? ORDER BY id LIMIT ?',
    )
    .raw();
  const select = `SELECT ${eventColumns} FROM event CROSS JOIN source ON source.id = event.source_id`;
  const linesAfter = db.prepare<[number, number, number], EventRow>(
    `${select} WHERE event.source_id = ? AND event.line_number > ? ORDER BY event.line_number LIMIT ?`,
  );
  const linesBefore = db.prepare<[number, number, number], EventRow>(
    `${select} WHERE event.source_id = ? AND event.line_number < ? ORDER BY event.line_number DESC LIMIT ?`,
  );
  const rows = db.prepare<[number, number, number], EventRow>(
    `${select} WHERE event.id BETWEEN ? AND ? ORDER BY event.id LIMIT ?`,
  );
  const atLine = db
    .prepare<[number, number], number>(
      'SELECT id FROM event WHERE source_id = ? AND line_number <= ? ORDER BY line_number DESC LIMIT 1',
    )
    .pluck();
  const byId = db.prepare<[number], EventRow>(`${select} WHERE event.id = ? AND source.state <> 'removing'`);
  const sessionBefore = db.prepare<[number, number, number], EventRow>(
    `${select} WHERE event.session_id = ? AND event.id < ? ORDER BY event.id DESC LIMIT ?`,
  );
  const sessionFrom = db.prepare<[number, number, number], EventRow>(
    `${select} WHERE event.session_id = ? AND event.id >= ? ORDER BY event.id LIMIT ?`,
  );
  const keysBefore = db
    .prepare<[number, number, number], KeyRow>(
      `SELECT id, line_number, at, severity, template_id, session_id FROM event
       WHERE session_id = ? AND id < ? ORDER BY id DESC LIMIT ?`,
    )
    .raw();
  const countBefore = db
    .prepare<[number, number], number>('SELECT count(*) FROM event WHERE session_id = ? AND id < ?')
    .pluck();

  return {
    keys: ({ sourceId, afterEventId, limit }: Input<'read_keys'>): KeyPage => {
      const { firstEventId, lastEventId } = sources.range(sourceId);
      const after = Math.max(afterEventId, firstEventId - 1);
      const capacity = Math.max(0, Math.min(limit, lastEventId - after));
      return toKeyPage(keys.iterate(after, lastEventId, capacity), capacity);
    },

    keysOfSessions: ({ sessionIds, beforeEventId, limit }: Input<'read_session_keys'>): Output<'read_session_keys'> =>
      sessionIds.map((sessionId) => {
        const rows = keysBefore.all(sessionId, beforeEventId, limit).reverse();
        const count = countBefore.get(sessionId, beforeEventId) ?? 0;
        return { countBefore: count - rows.length, keys: toKeyPage(rows, rows.length) };
      }),

    lines: ({ sourceId, afterLine, limit, maxChars }: Input<'read_lines'>): EventRecord[] => {
      sources.range(sourceId); // NOT_FOUND for a source that is gone
      return limit >= 0
        ? toEventRecords(linesAfter.iterate(sourceId, afterLine, limit), maxChars)
        : toEventRecords(linesBefore.iterate(sourceId, afterLine, -limit), maxChars).reverse();
    },

    /** Text that was erased is left out. */
    raws: ({ sourceId, afterEventId, limit, maxChars }: Input<'read_raws'>): Output<'read_raws'> => {
      const { firstEventId, lastEventId } = sources.range(sourceId);
      const page: Output<'read_raws'> = { lastEventId: afterEventId, raws: [] };
      for (const [id, raw] of raws.iterate(Math.max(afterEventId, firstEventId - 1), lastEventId, limit)) {
        page.lastEventId = id;
        if (raw !== null) page.raws.push(cut(raw, maxChars));
      }
      return page;
    },

    /** Events of a source by their place in it, from 0: their ids follow one another. */
    rows: ({ sourceId, firstRow, limit, maxChars }: Input<'read_rows'>): EventRecord[] => {
      const { firstEventId, lastEventId } = sources.range(sourceId);
      return toEventRecords(rows.iterate(firstEventId + firstRow, lastEventId, limit), maxChars);
    },

    rowOfLine: ({ sourceId, lineNumber }: Input<'row_of_line'>): number => {
      const { firstEventId } = sources.range(sourceId);
      return (atLine.get(sourceId, lineNumber) ?? firstEventId) - firstEventId;
    },

    /** In the order asked for; ids that do not exist are left out. */
    byIds: ({ ids, maxChars }: Input<'get_events'>): EventRecord[] =>
      ids.flatMap((id) => {
        const row = byId.get(id);
        return row ? [toEventRecord(row, maxChars)] : [];
      }),

    /** `eventsBefore` counts the session's events before the first one given. */
    ofSession: (input: Input<'session_events'>): Output<'session_events'> => {
      const { sessionId, eventId, before, after, maxChars } = input;
      const session = sessions.get(sessionId);
      const earlier = toEventRecords(sessionBefore.iterate(sessionId, eventId, before), maxChars).reverse();
      const events = [...earlier, ...toEventRecords(sessionFrom.iterate(sessionId, eventId, after + 1), maxChars)];
      const first = events[0]?.id ?? eventId;
      return { session, events, eventsBefore: countBefore.get(sessionId, first) ?? 0 };
    },
  };
}
