/** @file Notes that one shift leaves the next, and alerts by when they were raised, which reports of a span of time go by. */
import type { Migration } from '../migrate.ts';

export const keepHandovers: Migration = {
  version: 270,
  apply: (db) => {
    db.exec(`
      CREATE TABLE handover_note (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        analyst TEXT NOT NULL,
        written_at INTEGER NOT NULL,
        text TEXT NOT NULL
      ) STRICT;
      CREATE INDEX handover_note__written_at ON handover_note (written_at);
      CREATE INDEX alert__raised_at ON alert (raised_at, template_id);
    `);
  },
};
