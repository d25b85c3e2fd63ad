/** @file What an analyst wrote and chose for the report of a case, where the file of a log lay when it was read, and the audit by what it is about. */
import type { Migration } from '../migrate.ts';

export const keepReportText: Migration = {
  version: 220,
  apply: (db) => {
    db.exec(`
      CREATE TABLE case_report (
        case_number INTEGER PRIMARY KEY REFERENCES case_file (number) ON DELETE CASCADE,
        summary TEXT NOT NULL,
        findings TEXT NOT NULL,
        techniques TEXT NOT NULL CHECK (json_type(techniques) = 'array')
      ) STRICT;
      -- Null: of a log that was read before this was kept.
      ALTER TABLE source ADD COLUMN file_path TEXT;
      CREATE INDEX audit__subject ON audit (subject, sequence);
    `);
  },
};
