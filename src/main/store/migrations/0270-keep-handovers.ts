/** @file Notes that one shift leaves the next; and alerts, verdicts and the audit by their time, which reports of a span of time go by. */
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
      CREATE INDEX verdict__at ON verdict (at) WHERE kind = 'given';
      CREATE INDEX audit__at ON audit (at);
    `);
  },
};
