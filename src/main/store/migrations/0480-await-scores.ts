/**
 * @file Logs whose alerts are by the model before the one in use, from when that came in use until it has scored them, whatever becomes of the job that
 * was to: what verdicts teach waits for it.
 */
import type { Migration } from '../migrate.ts';

export const awaitScores: Migration = {
  version: 480,
  apply: (db) =>
    db.exec(`
      CREATE TABLE awaited_log (
        source_id INTEGER PRIMARY KEY REFERENCES source (id) ON DELETE CASCADE,
        model_id TEXT NOT NULL REFERENCES model (id)
      ) STRICT;
    `),
};
