/**
 * @file Of an alert, what its run said. Decided ones are found by their run: a model learns from those that it raised itself. And whether it was flagged
 * there is kept: its score follows what verdicts teach, while figures of what was flagged and what was missed are of how events were divided when some
 * of the rest were drawn.
 */
import type { Migration } from '../migrate.ts';

export const keepWhatWasFlagged: Migration = {
  version: 460,
  apply: (db) =>
    db.exec(`
      DROP INDEX alert__decided;
      CREATE INDEX alert__decided ON alert (signature, decided_by, sampling_weight, run_number) WHERE decided_by IS NOT NULL;

      ALTER TABLE alert ADD COLUMN was_flagged INTEGER NOT NULL DEFAULT 0 CHECK (was_flagged IN (0, 1));
      UPDATE alert SET was_flagged = 1 WHERE origin = 'detector' AND score >= coalesce(
        (SELECT threshold.score FROM run CROSS JOIN threshold ON threshold.version = run.threshold_version
         WHERE run.number = alert.run_number), 0);
    `),
};
