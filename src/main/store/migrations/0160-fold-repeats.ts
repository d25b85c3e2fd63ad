/**
 * @file What an alert is like (fingerprint, kinds of line, actor), and which alert counts it where it says the same again within the cooldown.
 */
import type { Migration } from '../migrate.ts';

const columns = `
  ALTER TABLE alert ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
  -- Keyed hash of who: address and agent, user and host. Empty: of an earlier version, alike no other.
  ALTER TABLE alert ADD COLUMN actor TEXT NOT NULL DEFAULT '';
  -- [[template index, share of the surprise], ...], the largest first.
  ALTER TABLE alert ADD COLUMN culprits TEXT NOT NULL DEFAULT '[]' CHECK (json_type(culprits) = 'array');
  -- The alert that counts this one; null for one that stands by itself.
  ALTER TABLE alert ADD COLUMN head_number INTEGER;
  -- Of the alerts that it counts beside itself.
  ALTER TABLE alert ADD COLUMN repeat_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE alert ADD COLUMN repeat_last_at INTEGER;
  CREATE INDEX alert__head_number ON alert (head_number, event_id) WHERE head_number IS NOT NULL;
  CREATE INDEX alert__actor ON alert (actor);
  CREATE INDEX alert__source_id_event_id ON alert (source_id, event_id, at);
  DROP INDEX alert__source_id;
`;

export const foldRepeats: Migration = {
  version: 160,
  apply: (db) => {
    db.exec(columns);
    // A generated column cannot be changed: it is made again, and with it every index that has it.
    const indexes = db
      .prepare<[], { name: string; sql: string }>(
        `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'alert' AND sql LIKE '%state%'`,
      )
      .all();
    for (const { name } of indexes) db.exec(`DROP INDEX "${name}"`);
    db.exec(`
      ALTER TABLE alert DROP COLUMN state;
      ALTER TABLE alert ADD COLUMN state TEXT GENERATED ALWAYS AS (
        CASE WHEN decided_by IS NOT NULL THEN 'decided' WHEN folded_by IS NOT NULL THEN 'folded'
          WHEN muted_by IS NOT NULL THEN 'muted' WHEN head_number IS NOT NULL THEN 'repeat' ELSE 'open' END
      ) VIRTUAL;
    `);
    for (const { sql } of indexes) db.exec(sql);
  },
};
