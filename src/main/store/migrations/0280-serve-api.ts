/**
 * @file The local API: a watch of its own whose sources grow by requests, tokens as hashes, and which event a line sent last is, under a keyed
 * hash, so that feedback may name the line.
 */
import type { Migration } from '../migrate.ts';

const tables = `
  CREATE TABLE watch_with_api (
    id INTEGER PRIMARY KEY,
    -- 'api': its sources have the names that clients gave, as paths.
    kind TEXT NOT NULL CHECK (kind IN ('file', 'folder', 'input', 'api')),
    path TEXT NOT NULL,
    pattern TEXT NOT NULL,
    -- What its lines are read as; null: what each file is taken for.
    format TEXT,
    state TEXT NOT NULL CHECK (state IN ('following', 'paused', 'stopped')),
    added_at INTEGER NOT NULL,
    UNIQUE (kind, path, pattern)
  ) STRICT;
  INSERT INTO watch_with_api SELECT id, kind, path, pattern, format, state, added_at FROM watch;
  DROP TABLE watch;
  ALTER TABLE watch_with_api RENAME TO watch;

  -- The token itself is shown once and kept nowhere. Revoked ones stay, so that the audit's names mean something.
  CREATE TABLE api_token (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- SHA-256 of 32 random bytes: nothing that could be guessed, and so no salt.
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    made_at INTEGER NOT NULL,
    revoked_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX api_token__name ON api_token (name) WHERE revoked_at IS NULL;

  CREATE TABLE api_line (
    line_hash INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL
  ) STRICT;
`;

export const serveApi: Migration = { version: 280, apply: (db) => db.exec(tables) };
