/** @file Decided alerts by whether they were drawn: those that were count with what they stand for, apart from the others that are alike. */
import type { Migration } from '../migrate.ts';

export const weighAlike: Migration = {
  version: 240,
  apply: (db) =>
    db.exec(`
      DROP INDEX alert__decided;
      CREATE INDEX alert__decided ON alert (signature, decided_by, sampling_weight) WHERE decided_by IS NOT NULL;
    `),
};
