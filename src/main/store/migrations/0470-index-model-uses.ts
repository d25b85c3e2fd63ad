/** @file Which models were in use, one after the other, is found in the audit without reading all of it. */
import type { Migration } from '../migrate.ts';

export const indexModelUses: Migration = {
  version: 470,
  apply: (db) =>
    db.exec(
      `CREATE INDEX audit__model_use ON audit (sequence) WHERE action IN ('model.used', 'model.rolled_back', 'classifier.withdrawn')`,
    ),
};
