/**
 * @file What an action on many writes again is a short row: the evidence of an alert, two thirds of it, has a table of its own. The ages of open
 * alerts are an index of open alerts alone, so that a verdict takes an entry out and puts none in.
 */
import type { Migration } from '../migrate.ts';

type Definition = { name: string; sql: string };

export const partEvidence: Migration = {
  version: 170,
  apply: (db) => {
    const columns = db
      .prepare<[], string>(
        `SELECT name FROM pragma_table_xinfo('alert') WHERE hidden = 0 AND name <> 'evidence' ORDER BY cid`,
      )
      .pluck()
      .all()
      .join(', ');
    const indexes = db
      .prepare<[], Definition>(
        `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'alert' AND sql IS NOT NULL`,
      )
      .all();
    for (const { name } of indexes) db.exec(`DROP INDEX "${name}"`);
    // A column that is dropped leaves its space in every page: the rows are put in again, close together.
    db.exec(`
      CREATE TABLE alert_evidence (
        alert_number INTEGER PRIMARY KEY REFERENCES alert (number) ON DELETE CASCADE,
        evidence TEXT NOT NULL CHECK (json_valid(evidence))
      ) STRICT;
      INSERT INTO alert_evidence SELECT number, evidence FROM alert ORDER BY number;
      CREATE TABLE short_alert AS SELECT ${columns} FROM alert ORDER BY number;
      DELETE FROM alert;
      ALTER TABLE alert DROP COLUMN evidence;
      INSERT INTO alert (${columns}) SELECT ${columns} FROM short_alert;
      DROP TABLE short_alert;
    `);
    for (const { name, sql } of indexes) if (name !== 'alert__state_raised_at') db.exec(sql);
    db.exec(`CREATE INDEX alert__open_raised_at ON alert (raised_at, severity, score) WHERE state = 'open'`);
  },
};
