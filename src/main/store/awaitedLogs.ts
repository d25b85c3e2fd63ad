/** @file Logs that are to be scored again by the model that came in use; until they are, their alerts and the verdicts on these are of the one before. */
import type { Connection, Output } from './statements.ts';

export type AwaitedLogs = ReturnType<typeof prepareAwaitedLogs>;

export function prepareAwaitedLogs(db: Connection) {
  const list = db.prepare<[], Output<'list_awaited_logs'>[number]>(
    `SELECT source.id AS sourceId, source.name AS sourceName, awaited_log.model_id AS modelId
     FROM awaited_log CROSS JOIN source ON source.id = awaited_log.source_id
     WHERE source.state <> 'removing' ORDER BY source.id`,
  );
  const forget = db.prepare<[]>('DELETE FROM awaited_log');
  const add = db.prepare<[sourceId: number, modelId: string]>(
    'INSERT INTO awaited_log (source_id, model_id) VALUES (?, ?)',
  );
  const scored = db.prepare<[sourceId: number, modelId: string]>(
    'DELETE FROM awaited_log WHERE source_id = ? AND model_id = ?',
  );
  return {
    list: (): Output<'list_awaited_logs'> => list.all(),
    /** Another model comes in use, which is to score these. */
    begin: (modelId: string, sourceIds: Iterable<number>): void => {
      forget.run();
      for (const sourceId of new Set(sourceIds)) add.run(sourceId, modelId);
    },
    scored: (sourceId: number, modelId: string): void => void scored.run(sourceId, modelId),
  };
}
