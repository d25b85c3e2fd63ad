/** @file Models can be deleted: their rows stay, because thresholds, runs and the audit refer to them, and say since when. */
import type { Migration } from '../migrate.ts';

export const removeModels: Migration = {
  version: 60,
  apply: (db) => {
    db.exec('ALTER TABLE model ADD COLUMN removed_at INTEGER');
  },
};
