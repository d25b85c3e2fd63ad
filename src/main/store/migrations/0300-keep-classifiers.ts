/** @file Classifiers of windows: their cards, curves and files. Windows and weights lie in the workspace folder. */
import type { Migration } from '../migrate.ts';

export const keepClassifiers: Migration = {
  version: 300,
  apply: (db) => {
    db.exec(`
      CREATE TABLE classifier (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL CHECK (state IN ('training', 'kept', 'failed')),
        created_at INTEGER NOT NULL,
        card TEXT NOT NULL CHECK (json_type(card) = 'object'),
        curve TEXT NOT NULL CHECK (json_type(curve) = 'array'),
        files TEXT NOT NULL CHECK (json_type(files) = 'array')
      ) STRICT;
      INSERT INTO counter (name, next) VALUES ('classifier', 1);
    `);
  },
};
