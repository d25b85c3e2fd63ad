/** @file Forgetting what a verdict says of alerts to come is an action of the journal, with the alerts that the verdict had claimed. */
import type { Migration } from '../migrate.ts';

const journal = `
  DROP INDEX action__reference;
  ALTER TABLE action ADD COLUMN wider_kind TEXT NOT NULL DEFAULT 'forget' CHECK (wider_kind IN
    ('verdict', 'assign', 'mute', 'unmute', 'case', 'answer', 'case_out', 'case_move', 'case_merge', 'forget'));
  UPDATE action SET wider_kind = kind;
  ALTER TABLE action DROP COLUMN kind;
  ALTER TABLE action RENAME COLUMN wider_kind TO kind;
  CREATE INDEX action__reference ON action (reference) WHERE kind = 'verdict';
`;

export const undoForgetting: Migration = { version: 440, apply: (db) => db.exec(journal) };
