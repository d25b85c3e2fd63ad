/** @file Outputs: where alerts are sent, and up to which alert they were. The queue itself is what waits: nothing of it is copied. */
import type { Migration } from '../migrate.ts';

const outputs = `
  CREATE TABLE output (
    kind TEXT NOT NULL PRIMARY KEY,
    -- JSON of the target and what goes to it, without the secret.
    settings TEXT NOT NULL CHECK (json_type(settings) = 'object'),
    secret TEXT,
    -- Everything up to this alert was sent, or is not for it.
    after_number INTEGER NOT NULL,
    sent_count INTEGER NOT NULL DEFAULT 0,
    last_sent_at INTEGER
  ) STRICT, WITHOUT ROWID;
`;

export const sendAlerts: Migration = { version: 290, apply: (db) => db.exec(outputs) };
