/**
 * @file Files that are followed: what was asked for, and of each file the place that was read, kept with the events it gave. Text is indexed
 * source by source, since sources now grow beside each other.
 */
import type { Migration } from '../migrate.ts';

const following = `
  -- What an analyst asked to be followed. Stopped ones stay, so that starting them again goes on where they stopped.
  CREATE TABLE watch (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('file', 'folder', 'input')),
    path TEXT NOT NULL,
    pattern TEXT NOT NULL,
    -- What its lines are read as; null: what each file is taken for.
    format TEXT,
    state TEXT NOT NULL CHECK (state IN ('following', 'paused', 'stopped')),
    added_at INTEGER NOT NULL,
    UNIQUE (kind, path, pattern)
  ) STRICT;

  -- A source that grows. place is the import thread's: where to read on, and what the file looks like there.
  CREATE TABLE follow (
    source_id INTEGER PRIMARY KEY REFERENCES source (id),
    watch_id INTEGER NOT NULL REFERENCES watch (id),
    path TEXT NOT NULL,
    place TEXT NOT NULL CHECK (json_type(place) = 'object'),
    -- Kinds of line that the source has, as template indexes.
    kinds TEXT NOT NULL DEFAULT '[]' CHECK (json_type(kinds) = 'array'),
    -- Events up to this one were scored as they came; null before the first.
    scored_event_id INTEGER,
    UNIQUE (watch_id, path)
  ) STRICT;

  -- Sessions that were seen to end and whose end was not scored yet.
  CREATE TABLE follow_end (
    source_id INTEGER NOT NULL REFERENCES source (id),
    session_id INTEGER NOT NULL,
    PRIMARY KEY (source_id, session_id)
  ) STRICT, WITHOUT ROWID;

  -- Going on needs those of a source alone, and it may have had many.
  CREATE INDEX session__open ON session (source_id) WHERE is_open = 1;

  ALTER TABLE source ADD COLUMN indexed_event_id INTEGER NOT NULL DEFAULT 0;
  UPDATE source SET indexed_event_id = max(first_event_id - 1, min(last_event_id, (SELECT indexed_event_id FROM text_index)));
  DROP TABLE text_index;
`;

export const followLiveSources: Migration = { version: 70, apply: (db) => db.exec(following) };
