/** @file A reason for alerts that a classifier of labelled windows found. */
import type { Migration } from '../migrate.ts';

// A column's check goes with its column: the list is widened on a new one, which takes the name.
const name = `
  ALTER TABLE alert ADD COLUMN wider_reason TEXT NOT NULL DEFAULT 'unseen' CHECK (wider_reason IN (
    'unseen', 'order', 'rare', 'end', 'sequence', 'pair', 'stretch', 'counts', 'mix', 'text', 'wording', 'shape', 'misfit', 'clock',
    'volume', 'silence', 'who_where', 'after_failures', 'travel', 'labelled'
  ));
  UPDATE alert SET wider_reason = reason;
  ALTER TABLE alert DROP COLUMN reason;
  ALTER TABLE alert RENAME COLUMN wider_reason TO reason;
`;

export const nameLabelled: Migration = { version: 350, apply: (db) => db.exec(name) };
