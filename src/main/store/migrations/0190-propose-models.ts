/** @file Models that were retrained on verdicts and are proposed: what the gate found, and what became of it. */
import type { Migration } from '../migrate.ts';

export const proposeModels: Migration = {
  version: 190,
  apply: (db) => {
    db.exec(`
      CREATE TABLE retraining (
        model_id TEXT PRIMARY KEY REFERENCES model (id),
        -- The model in use that it was retrained from, and has to be at adoption.
        parent_id TEXT NOT NULL REFERENCES model (id),
        state TEXT NOT NULL CHECK (state IN ('proposed', 'adopted', 'discarded')),
        report TEXT NOT NULL CHECK (json_type(report) = 'object'),
        proposed_at INTEGER NOT NULL,
        decided_at INTEGER,
        analyst TEXT,
        -- The words by which it was adopted against the gate.
        override TEXT,
        CHECK ((state = 'proposed') = (decided_at IS NULL))
      ) STRICT, WITHOUT ROWID;
    `);
  },
};
