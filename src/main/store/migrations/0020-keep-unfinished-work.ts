/** @file What a start of the app goes on with: jobs that were asked for and have not ended, and how the import that was cut off began. */
import type { Migration } from '../migrate.ts';

const unfinished = `
  -- Rows are there from the asking to the end of a job. place says how far it was when it was last begun, attempts how often it
  -- was begun there.
  CREATE TABLE job (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    input TEXT NOT NULL CHECK (json_type(input) = 'object'),
    started_at INTEGER NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0)
  ) STRICT;

  -- Of the one source in the state 'importing', where it can be gone on with.
  CREATE TABLE open_import (
    source_id INTEGER PRIMARY KEY REFERENCES source (id),
    path TEXT NOT NULL,
    next_template_id INTEGER NOT NULL
  ) STRICT;

  -- Templates that the open import changed, as they were before it.
  CREATE TABLE template_before (
    id INTEGER PRIMARY KEY,
    content_hash TEXT NOT NULL,
    prefix_hash INTEGER NOT NULL,
    tokens BLOB NOT NULL,
    count INTEGER NOT NULL,
    is_frozen INTEGER NOT NULL,
    example_event_id INTEGER NOT NULL
  ) STRICT;
`;

export const keepUnfinishedWork: Migration = { version: 20, apply: (db) => db.exec(unfinished) };
