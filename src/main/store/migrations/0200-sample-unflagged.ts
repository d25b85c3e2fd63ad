/**
 * @file Where an alert comes from: raised by the detectors, drawn at random from what they did not flag, or named by an analyst who missed it.
 * The latter two are in no list but the one to teach from until they are decided. What is asked a second time has its answers in a table of their own.
 */
import type { Migration } from '../migrate.ts';

const columns = `
  ALTER TABLE alert ADD COLUMN origin TEXT NOT NULL DEFAULT 'detector' CHECK (origin IN ('detector', 'sample', 'missed'));
  -- How many events that were not flagged this one stands for; null: it was not drawn.
  ALTER TABLE alert ADD COLUMN sampling_weight REAL CHECK (sampling_weight >= 1);
  CREATE INDEX alert__sampled ON alert (decided_by, number) WHERE sampling_weight IS NOT NULL;
  CREATE INDEX alert__missed ON alert (number) WHERE origin = 'missed';

  -- A run that took the place of those before it judged its log anew up to this event. Null: events came behind others.
  ALTER TABLE run ADD COLUMN replaced_to_event_id INTEGER;
`;

const answers = `
  -- What analysts said when they were asked again without being shown what they had said.
  CREATE TABLE answer (
    number INTEGER PRIMARY KEY,
    alert_number INTEGER NOT NULL REFERENCES alert (number) ON DELETE CASCADE,
    verdict_number INTEGER NOT NULL REFERENCES verdict (number),
    value TEXT NOT NULL CHECK (value IN
      ('true_positive', 'benign_true_positive', 'false_positive_logic', 'false_positive_data', 'undetermined')),
    analyst TEXT NOT NULL,
    at INTEGER NOT NULL,
    is_withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (is_withdrawn IN (0, 1))
  ) STRICT;
  CREATE INDEX answer__verdict_number ON answer (verdict_number);
  CREATE INDEX answer__alert_number ON answer (alert_number);
`;

export const sampleUnflagged: Migration = {
  version: 200,
  apply: (db) => {
    const schemaOf = (where: string) =>
      db.prepare<[], { name: string; sql: string }>(`SELECT name, sql FROM sqlite_schema WHERE ${where}`).all();
    db.exec(columns);
    // A generated column cannot be changed: it is made again, and with it every index that has it.
    const indexes = schemaOf(`type = 'index' AND tbl_name = 'alert' AND sql LIKE '%state%'`);
    for (const { name } of indexes) db.exec(`DROP INDEX "${name}"`);
    db.exec(`
      ALTER TABLE alert DROP COLUMN state;
      ALTER TABLE alert ADD COLUMN state TEXT GENERATED ALWAYS AS (
        CASE WHEN decided_by IS NOT NULL THEN 'decided' WHEN origin <> 'detector' THEN 'sampled'
          WHEN folded_by IS NOT NULL THEN 'folded' WHEN muted_by IS NOT NULL THEN 'muted'
          WHEN head_number IS NOT NULL THEN 'repeat' ELSE 'open' END
      ) VIRTUAL;
    `);
    for (const { sql } of indexes) db.exec(sql);
    db.exec(answers);
    // The journal's kinds are a check of its table: it is made again, and with it its indexes.
    const [journal] = schemaOf(`type = 'table' AND name = 'action'`);
    const made = schemaOf(`type = 'index' AND tbl_name = 'action' AND sql IS NOT NULL`);
    const sql = journal?.sql.replace(/^CREATE TABLE "?action"?/, 'CREATE TABLE action_with_answers') ?? '';
    db.exec(`
      ${sql.replace(/(kind IN \([^)]*)\)/, `$1, 'answer')`)};
      INSERT INTO action_with_answers SELECT * FROM action;
      DROP TABLE action;
      ALTER TABLE action_with_answers RENAME TO action;
    `);
    for (const index of made) db.exec(index.sql);
  },
};
