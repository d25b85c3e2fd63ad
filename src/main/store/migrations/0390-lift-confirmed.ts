/** @file What was confirmed for an attack is severe, as verdicts make it from now on; its own severity is kept for when the verdict goes. */
import type { Migration } from '../migrate.ts';

export const liftConfirmed: Migration = {
  version: 390,
  apply: (db) => {
    db.exec(`
      UPDATE alert SET own_severity = coalesce(own_severity, severity), severity = max(severity, 4)
      WHERE decided_by IN (SELECT number FROM verdict WHERE value = 'true_positive');`);
  },
};
