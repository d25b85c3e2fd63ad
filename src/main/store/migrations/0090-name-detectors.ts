/** @file Which detector raised an alert, reasons for each of them, how surprising its stretch was; and thresholds that drift moved. */
import type { Migration } from '../migrate.ts';

// A column's check goes with its column: the list is widened on a new one, which takes the name.
const name = `
  ALTER TABLE alert ADD COLUMN wider_reason TEXT NOT NULL DEFAULT 'unseen' CHECK (wider_reason IN (
    'unseen', 'order', 'rare', 'end', 'sequence', 'pair', 'stretch', 'counts', 'mix', 'text', 'wording', 'shape', 'misfit', 'clock',
    'volume', 'silence', 'who_where', 'after_failures', 'travel'
  ));
  UPDATE alert SET wider_reason = reason;
  ALTER TABLE alert DROP COLUMN reason;
  ALTER TABLE alert RENAME COLUMN wider_reason TO reason;

  -- All there was before.
  ALTER TABLE alert ADD COLUMN detector TEXT NOT NULL DEFAULT 'key';
  ALTER TABLE alert ADD COLUMN perplexity REAL;
  ALTER TABLE alert ADD COLUMN confidence REAL;

  ALTER TABLE threshold ADD COLUMN wider_reason TEXT NOT NULL DEFAULT 'learned'
    CHECK (wider_reason IN ('learned', 'budget', 'verdicts', 'reverted', 'drift'));
  UPDATE threshold SET wider_reason = reason;
  ALTER TABLE threshold DROP COLUMN reason;
  ALTER TABLE threshold RENAME COLUMN wider_reason TO reason;

  -- Events at or above the threshold: what became of the share that was asked for. Null: of an earlier version.
  ALTER TABLE run ADD COLUMN over_count INTEGER;
  -- From which event on the log surprises so many times as much as before it; null: it did not change.
  ALTER TABLE run ADD COLUMN drift_event_id INTEGER;
  ALTER TABLE run ADD COLUMN drift_ratio REAL;
`;

export const nameDetectors: Migration = { version: 90, apply: (db) => db.exec(name) };
