/** @file What detectors know of events, in blocks of columns beside them. Events that are there already have none. */
import type { Migration } from '../migrate.ts';

const blocks = `
  -- The values of event_count events from first_event_id on, written with them. They go with the events of their source.
  CREATE TABLE event_block (
    first_event_id INTEGER PRIMARY KEY,
    event_count INTEGER NOT NULL CHECK (event_count > 0),
    -- As valueBlock.ts packs them; its first byte is the form.
    data BLOB NOT NULL
  ) STRICT;
`;

export const keepEventValues: Migration = { version: 80, apply: (db) => db.exec(blocks) };
