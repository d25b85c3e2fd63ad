/**
 * @file From which event on a source's alerts are to be folded again: kept with what changed them, so that folding goes on where it was cut off. How many
 * a head counts, and until when, is read from the index alone.
 */
import type { Migration } from '../migrate.ts';

export const keepWhatIsToFold: Migration = {
  version: 380,
  apply: (db) => {
    db.exec(`
      ALTER TABLE source ADD COLUMN fold_from_event_id INTEGER;
      DROP INDEX alert__head_number;
      CREATE INDEX alert__head_number ON alert (head_number, event_id, at) WHERE head_number IS NOT NULL;`);
  },
};
