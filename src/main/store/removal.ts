/** @file Removing a source. Its row and alerts go at once; its events follow in chunks, also after a restart. */
import { AppError } from '../../shared/errors.ts';
import type { ApiLines } from './apiLines.ts';
import type { Audit } from './audit.ts';
import type { EventBlocks } from './eventBlocks.ts';
import type { OpenImports } from './openImport.ts';
import type { Sources } from './sources.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction, letOthersIn } from './statements.ts';
import type { TextIndex } from './textIndex.ts';

const eventsPerChunk = 10_000;

type Leftover = { id: number; first: number; last: number };

export type Removal = ReturnType<typeof prepareRemoval>;

export function prepareRemoval(
  db: Connection,
  parts: {
    apiLines: ApiLines;
    audit: Audit;
    eventBlocks: EventBlocks;
    openImports: OpenImports;
    sources: Sources;
    textIndex: TextIndex;
  },
) {
  const { apiLines, audit, eventBlocks, openImports, sources, textIndex } = parts;
  const countKept = db
    .prepare<[number], number>(
      `SELECT count(*) FROM alert WHERE source_id = ? AND (
         state = 'decided' OR EXISTS (SELECT 1 FROM case_alert WHERE alert_number = alert.number))`,
    )
    .pluck();
  const hide = db.prepare<[number]>(`UPDATE source SET state = 'removing', sha256 = NULL WHERE id = ?`);
  const deleteAlerts = db.prepare<[number]>('DELETE FROM alert WHERE source_id = ?');
  const following = db
    .prepare<[number], number>(
      `SELECT 1 FROM follow JOIN watch ON watch.id = watch_id WHERE source_id = ? AND watch.state <> 'stopped' AND watch.kind <> 'api'`,
    )
    .pluck();
  const deleteEnds = db.prepare<[number]>('DELETE FROM follow_end WHERE source_id = ?');
  const deleteFollow = db.prepare<[number]>('DELETE FROM follow WHERE source_id = ?');
  const deleteRuns = db.prepare<[number]>('DELETE FROM run WHERE source_id = ?');
  const deleteSessions = db.prepare<[number]>('DELETE FROM session WHERE source_id = ?');
  const leftover = db.prepare<[], Leftover>(
    `SELECT id, first_event_id AS first, last_event_id AS last FROM source WHERE state = 'removing' ORDER BY id LIMIT 1`,
  );
  const deleteEvents = db.prepare<[number, number]>('DELETE FROM event WHERE id BETWEEN ? AND ?');
  const shrink = db.prepare<[number, number]>('UPDATE source SET last_event_id = ? WHERE id = ?');
  const deleteSource = db.prepare<[number]>('DELETE FROM source WHERE id = ?');

  /** Removes events of sources that are gone, newest first, until none are left. */
  const purge = async (signal?: AbortSignal): Promise<void> => {
    for (;;) {
      signal?.throwIfAborted();
      const isDone = inTransaction(db, () => {
        const source = leftover.get();
        if (!source) return true;
        const first = Math.max(source.first, source.last - eventsPerChunk + 1);
        textIndex.remove(source.id, first, source.last);
        deleteEvents.run(first, source.last);
        eventBlocks.remove(first, source.last);
        apiLines.forget(first, source.last);
        if (first > source.first) shrink.run(first - 1, source.id);
        else deleteSource.run(source.id);
        return false;
      });
      if (isDone) return;
      await letOthersIn();
    }
  };

  return {
    purge,
    remove: async ({ sourceId, actor }: Input<'delete_source'>): Promise<undefined> => {
      inTransaction(db, () => {
        sources.range(sourceId); // NOT_FOUND for a source that is gone
        if (following.get(sourceId) !== undefined) {
          throw new AppError('CONFLICT', 'This log is being followed. Stop following it first.');
        }
        const kept = countKept.get(sourceId) ?? 0;
        if (kept > 0) {
          throw new AppError(
            'CONFLICT',
            `${kept} alerts of this source are decided or in a case, and they need its lines. Take the verdicts back and the alerts out of their cases first.`,
          );
        }
        const { changes: alerts } = deleteAlerts.run(sourceId);
        deleteRuns.run(sourceId);
        deleteEnds.run(sourceId);
        deleteFollow.run(sourceId);
        deleteSessions.run(sourceId);
        if (openImports.find()?.sourceId === sourceId) openImports.end();
        hide.run(sourceId);
        audit.append({ action: 'source.removed', subject: String(sourceId), details: { alerts }, actor });
      });
      await purge();
    },
  };
}
