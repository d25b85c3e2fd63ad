/**
 * @file What a local language model said of alerts: the newest of each model, gone with its alert; and what was kept of it with cases. Such a text may
 * quote the log.
 */
import type { Migration } from '../migrate.ts';

export const keepExplanations: Migration = {
  version: 310,
  apply: (db) => {
    db.exec(`
      CREATE TABLE explanation (
        alert_number INTEGER NOT NULL REFERENCES alert (number) ON DELETE CASCADE,
        model TEXT NOT NULL CHECK (length(model) >= 1),
        prompt_version INTEGER NOT NULL,
        -- Keyed hash of the evidence that the model was given.
        fingerprint TEXT NOT NULL,
        text TEXT NOT NULL,
        is_cut INTEGER NOT NULL CHECK (is_cut IN (0, 1)),
        made_at INTEGER NOT NULL,
        PRIMARY KEY (alert_number, model, prompt_version)
      ) STRICT, WITHOUT ROWID;

      -- As it was written, whatever becomes of the alert.
      CREATE TABLE case_explanation (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        case_number INTEGER NOT NULL REFERENCES case_file (number),
        alert_number INTEGER NOT NULL,
        model TEXT NOT NULL,
        text TEXT NOT NULL,
        doubts TEXT NOT NULL CHECK (json_type(doubts) = 'array'),
        made_at INTEGER NOT NULL,
        kept_by TEXT NOT NULL,
        added_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX case_explanation__case_number ON case_explanation (case_number);
      CREATE INDEX case_explanation__alert_number ON case_explanation (alert_number);
    `);
  },
};
