/**
 * @file Cases that came as a bundle from another workspace. Their alerts have no log, no run and no model here, so they stand in tables of their
 * own, as they were written there: evidence that is kept with its case, and that no query over alerts finds and nothing learns from.
 */
import type { Migration } from '../migrate.ts';

export const keepBundles: Migration = {
  version: 260,
  apply: (db) => {
    db.exec(`
      CREATE TABLE bundle (
        number INTEGER PRIMARY KEY,
        -- Null while it is being read in: it is in no case then, and goes at the next start.
        case_number INTEGER UNIQUE REFERENCES case_file (number),
        origin TEXT NOT NULL CHECK (json_type(origin) = 'object'),
        -- What a case of this workspace works out from its logs and models: known there, and only repeated here.
        facts TEXT NOT NULL CHECK (json_type(facts) = 'object'),
        alert_count INTEGER NOT NULL DEFAULT 0,
        severity INTEGER CHECK (severity BETWEEN 1 AND 5),
        raised_at INTEGER,
        viewed_at INTEGER,
        verdict_at INTEGER
      ) STRICT;

      -- The content comes last and is read only where it is asked for: it holds lines of logs, as evidence.
      CREATE TABLE bundle_alert (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        bundle_number INTEGER NOT NULL REFERENCES bundle (number) ON DELETE CASCADE,
        alert_number INTEGER NOT NULL,
        "row" TEXT NOT NULL CHECK (json_type("row") = 'object'),
        content TEXT NOT NULL CHECK (json_type(content) = 'object')
      ) STRICT;
      CREATE INDEX bundle_alert__bundle_number ON bundle_alert (bundle_number);

      -- Entries of the audits of the workspaces that the case was in, with their hashes.
      CREATE TABLE bundle_audit (
        bundle_number INTEGER NOT NULL REFERENCES bundle (number) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        entry TEXT NOT NULL CHECK (json_type(entry) = 'object'),
        PRIMARY KEY (bundle_number, position)
      ) STRICT, WITHOUT ROWID;
    `);
  },
};
