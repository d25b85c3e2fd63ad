/** @file Decided alerts with their run: what a model learns from are those that it raised itself, found without looking at each. */
import type { Migration } from '../migrate.ts';

export const labelByRun: Migration = {
  version: 460,
  apply: (db) =>
    db.exec(`
      DROP INDEX alert__decided;
      CREATE INDEX alert__decided ON alert (signature, decided_by, sampling_weight, run_number) WHERE decided_by IS NOT NULL;
    `),
};
