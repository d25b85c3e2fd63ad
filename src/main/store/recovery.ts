/** @file What is left of an import that nobody goes on with: the source becomes partial, with its figures counted again. */
import type { Actor } from './protocol/workspace.ts';
import type { Audit } from './audit.ts';
import { endOpenImport } from './openImport.ts';
import type { Connection } from './statements.ts';
import { inTransaction } from './statements.ts';

/** At the start: imports that cannot be gone on with. */
export function recoverImports(db: Connection, audit: Audit, actor: Actor): void {
  const lost = `SELECT id FROM source WHERE state = 'importing' AND id NOT IN (SELECT source_id FROM open_import)`;
  markPartial(db, audit, actor, db.prepare<[], number>(lost).pluck().all());
}

/** All that are being imported, also such that could be gone on with. */
export function abandonImports(db: Connection, audit: Audit, actor: Actor): void {
  markPartial(
    db,
    audit,
    actor,
    db.prepare<[], number>(`SELECT id FROM source WHERE state = 'importing'`).pluck().all(),
  );
}

/** Their last batch is there whole: a batch is one transaction. */
function markPartial(db: Connection, audit: Audit, actor: Actor, sourceIds: readonly number[]): void {
  if (sourceIds.length === 0) return;
  // Sessions whose events were written but whose last state was not, or whose row never came, are counted from their events.
  const recountSessions = db.prepare<{ id: number }>(
    `INSERT INTO session (id, source_id, entity_kind, entity_hash, first_event_id, last_event_id, event_count, started_at,
       ended_at, is_open)
     SELECT session_id, @id, 'source', 0, min(id), max(id), count(*), min(at), max(at), 1
     FROM event WHERE source_id = @id GROUP BY session_id
     ON CONFLICT (id) DO UPDATE SET
       is_open = max(is_open, event_count <> excluded.event_count), first_event_id = excluded.first_event_id,
       last_event_id = excluded.last_event_id, event_count = excluded.event_count,
       started_at = excluded.started_at, ended_at = excluded.ended_at`,
  );
  const recountSource = db.prepare<{ id: number }>(
    `UPDATE source SET state = 'partial',
       event_count = (SELECT count(*) FROM event WHERE source_id = @id),
       line_count = coalesce((SELECT max(line_number) FROM event WHERE source_id = @id), 0),
       bad_byte_count = (SELECT count(*) FROM event WHERE source_id = @id AND raw_bytes IS NOT NULL),
       session_count = (SELECT count(*) FROM session WHERE source_id = @id),
       template_count = (SELECT count(DISTINCT template_id) FROM event WHERE source_id = @id),
       first_at = (SELECT min(at) FROM event WHERE source_id = @id),
       last_at = (SELECT max(at) FROM event WHERE source_id = @id)
     WHERE id = @id`,
  );
  inTransaction(db, () => {
    endOpenImport(db);
    for (const id of sourceIds) {
      recountSessions.run({ id });
      recountSource.run({ id });
      audit.append({ action: 'source.recovered', subject: String(id), details: {}, actor });
    }
  });
}
