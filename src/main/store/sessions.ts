/** @file Sessions: whose events belong together. Rows of `session`; their events are in `events.ts`. */
import type { EntityKind } from '../../shared/lines.ts';
import { entityKinds } from '../../shared/lines.ts';
import { AppError } from '../../shared/errors.ts';
import type { SessionPage } from './protocol/events.ts';
import type { SessionRecord } from './protocol/sources.ts';
import type { Connection } from './statements.ts';

type Row = {
  id: number;
  source_id: number;
  entity_kind: EntityKind;
  entity_hash: number;
  first_event_id: number;
  last_event_id: number;
  event_count: number;
  started_at: number | null;
  ended_at: number | null;
  is_open: number;
};

type PageRow = [id: number, entityHash: number, entityKind: EntityKind, eventCount: number, isOpen: number];

function toRecord(row: Row): SessionRecord {
  return {
    id: row.id,
    entityKind: row.entity_kind,
    entityHash: row.entity_hash,
    firstEventId: row.first_event_id,
    lastEventId: row.last_event_id,
    eventCount: row.event_count,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    isOpen: row.is_open === 1,
  };
}

const kindIndex = new Map<EntityKind, number>(entityKinds.map((kind, index) => [kind, index]));

export type Sessions = ReturnType<typeof prepareSessions>;

export function prepareSessions(db: Connection) {
  // Whose a session is never changes, and naming it here would write its index anew with every batch.
  const upsert = db.prepare<Row>(
    `INSERT INTO session (id, source_id, entity_kind, entity_hash, first_event_id, last_event_id, event_count, started_at,
       ended_at, is_open)
     VALUES (@id, @source_id, @entity_kind, @entity_hash, @first_event_id, @last_event_id, @event_count, @started_at,
       @ended_at, @is_open)
     ON CONFLICT (id) DO UPDATE SET
       first_event_id = excluded.first_event_id, last_event_id = excluded.last_event_id, event_count = excluded.event_count, started_at = excluded.started_at,
       ended_at = excluded.ended_at, is_open = excluded.is_open
     WHERE source_id = excluded.source_id`,
  );
  const get = db.prepare<[number], Row>(
    `SELECT id, source_id, entity_kind, entity_hash, first_event_id, last_event_id, event_count, started_at, ended_at, is_open
     FROM session WHERE id = ?`,
  );
  const page = db
    .prepare<[number, number, number], PageRow>(
      `SELECT id, entity_hash, entity_kind, event_count, is_open FROM session
       WHERE source_id = ? AND id > ? ORDER BY id LIMIT ?`,
    )
    .raw();
  const open = db.prepare<[number], Row>(
    `SELECT id, source_id, entity_kind, entity_hash, first_event_id, last_event_id, event_count, started_at, ended_at, is_open
     FROM session WHERE source_id = ? AND is_open = 1 ORDER BY id`,
  );
  const count = db.prepare<[number], number>('SELECT count(*) FROM session WHERE source_id = ?').pluck();
  return {
    /** Belongs into the transaction of the events that made them so. */
    upsert: (sourceId: number, sessions: readonly SessionRecord[]): void => {
      for (const session of sessions) {
        const { changes } = upsert.run({
          id: session.id,
          source_id: sourceId,
          entity_kind: session.entityKind,
          entity_hash: session.entityHash,
          first_event_id: session.firstEventId,
          last_event_id: session.lastEventId,
          event_count: session.eventCount,
          started_at: session.startedAt,
          ended_at: session.endedAt,
          is_open: session.isOpen ? 1 : 0,
        });
        if (changes === 0) {
          throw new AppError('CONFLICT', `Session ${session.id} belongs to another source than ${sourceId}.`);
        }
      }
    },
    get: (sessionId: number): SessionRecord => {
      const row = get.get(sessionId);
      if (!row) throw new AppError('NOT_FOUND', `There is no session ${sessionId}. Its source may have been removed.`);
      return toRecord(row);
    },
    open: (sourceId: number): SessionRecord[] => open.all(sourceId).map(toRecord),
    count: (sourceId: number): number => count.get(sourceId) ?? 0,
    page: (sourceId: number, afterSessionId: number, limit: number): SessionPage => {
      const rows = page.all(sourceId, afterSessionId, limit);
      const output = {
        ids: new Float64Array(rows.length),
        entityHashes: new Float64Array(rows.length),
        entityKinds: new Int8Array(rows.length),
        eventCounts: new Int32Array(rows.length),
        open: new Uint8Array(rows.length),
      };
      rows.forEach(([id, entityHash, entityKind, eventCount, isOpen], row) => {
        output.ids[row] = id;
        output.entityHashes[row] = entityHash;
        output.entityKinds[row] = kindIndex.get(entityKind) ?? -1;
        output.eventCounts[row] = eventCount;
        output.open[row] = isOpen;
      });
      return output;
    },
  };
}
