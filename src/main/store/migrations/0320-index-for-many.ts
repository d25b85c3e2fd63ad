/**
 * @file Indexes for verdicts on a hundred thousand: what is folded or known of one kind is found without walking all that are alike, and each alert
 * has one entry fewer to take out of an index. What is alike and open is found by what is alike.
 */
import type { Migration } from '../migrate.ts';

export const indexForMany: Migration = {
  version: 320,
  apply: (db) => {
    db.exec(`
      CREATE INDEX alert__folded ON alert (signature) WHERE folded_by IS NOT NULL;
      CREATE INDEX alert__known ON alert (signature) WHERE known_by IS NOT NULL;
      DROP INDEX alert__open;`);
  },
};
