/**
 * @file What a case has beside its alerts: fields, tasks, links, attachments, phases, refused suggestions; when alerts were first viewed; and
 * cases that are merged: a merged case keeps all that is its own and is read as a part of the one it is in (`root`), so that nothing is lost.
 */
import type { Migration } from '../migrate.ts';

const fields = `
  ALTER TABLE case_file ADD COLUMN wider_state TEXT NOT NULL DEFAULT 'open' CHECK (wider_state IN ('open', 'in_progress', 'closed'));
  UPDATE case_file SET wider_state = state;
  ALTER TABLE case_file DROP COLUMN state;
  ALTER TABLE case_file RENAME COLUMN wider_state TO state;
  ALTER TABLE case_file ADD COLUMN closing TEXT CHECK (closing IN
    ('true_positive', 'benign_true_positive', 'false_positive_logic', 'false_positive_data', 'undetermined'));
  -- Null: that of the most severe alert.
  ALTER TABLE case_file ADD COLUMN own_severity INTEGER CHECK (own_severity BETWEEN 1 AND 5);
  ALTER TABLE case_file ADD COLUMN owner TEXT;
  ALTER TABLE case_file ADD COLUMN tags TEXT NOT NULL DEFAULT '[]' CHECK (json_type(tags) = 'array');
  ALTER TABLE case_file ADD COLUMN due_at INTEGER;
  ALTER TABLE case_file ADD COLUMN closed_at INTEGER;
  UPDATE case_file SET closed_at = updated_at WHERE state = 'closed';

  -- The case that it was merged into, and the one at the top of these: itself where it was not merged.
  ALTER TABLE case_file ADD COLUMN merged_into INTEGER REFERENCES case_file (number);
  ALTER TABLE case_file ADD COLUMN root INTEGER NOT NULL DEFAULT 0;
  UPDATE case_file SET root = number;
  CREATE INDEX case_file__root ON case_file (root);
  CREATE INDEX case_file__merged_into ON case_file (merged_into) WHERE merged_into IS NOT NULL;

  -- When somebody first looked at it; null: nobody did, or before the audit said so.
  ALTER TABLE alert ADD COLUMN viewed_at INTEGER;
  UPDATE alert SET viewed_at = seen.at
  FROM (SELECT subject, min(at) AS at FROM audit WHERE action = 'alert.viewed' GROUP BY subject) AS seen
  WHERE seen.subject = alert.id;
`;

const parts = `
  CREATE TABLE task (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    case_number INTEGER NOT NULL REFERENCES case_file (number),
    title TEXT NOT NULL CHECK (length(title) >= 1),
    owner TEXT,
    due_at INTEGER,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    done_by TEXT,
    done_at INTEGER,
    CHECK ((done_by IS NULL) = (done_at IS NULL))
  ) STRICT;
  CREATE INDEX task__case_number ON task (case_number);

  -- Each once, the lower number first.
  CREATE TABLE case_link (
    case_number INTEGER NOT NULL REFERENCES case_file (number),
    other_number INTEGER NOT NULL REFERENCES case_file (number),
    PRIMARY KEY (case_number, other_number),
    CHECK (case_number < other_number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX case_link__other_number ON case_link (other_number);

  -- Suggested for the case and refused. By id: the answer outlives an alert that a later run raises anew.
  CREATE TABLE case_refusal (
    case_number INTEGER NOT NULL REFERENCES case_file (number),
    alert_id TEXT NOT NULL,
    PRIMARY KEY (case_number, alert_id)
  ) STRICT, WITHOUT ROWID;

  -- The content is a file of the workspace, by its hash. The name is text and nothing else.
  CREATE TABLE attachment (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    case_number INTEGER NOT NULL REFERENCES case_file (number),
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX attachment__case_number ON attachment (case_number);
  CREATE INDEX attachment__sha256 ON attachment (sha256);

  CREATE TABLE case_phase (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    case_number INTEGER NOT NULL REFERENCES case_file (number),
    name TEXT NOT NULL CHECK (length(name) >= 1),
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL CHECK (to_at >= from_at)
  ) STRICT;
  CREATE INDEX case_phase__case_number ON case_phase (case_number);
`;

const journal = `
  DROP INDEX action__reference;
  ALTER TABLE action ADD COLUMN wider_kind TEXT NOT NULL DEFAULT 'case' CHECK (wider_kind IN
    ('verdict', 'assign', 'mute', 'unmute', 'case', 'answer', 'case_out', 'case_move', 'case_merge'));
  UPDATE action SET wider_kind = kind;
  ALTER TABLE action DROP COLUMN kind;
  ALTER TABLE action RENAME COLUMN wider_kind TO kind;
  CREATE INDEX action__reference ON action (reference) WHERE kind = 'verdict';
  -- Of a merge: the case that the other one was merged into.
  ALTER TABLE action ADD COLUMN into_reference INTEGER;
`;

export const growCases: Migration = {
  version: 230,
  apply: (db) => {
    db.exec(fields);
    db.exec(parts);
    db.exec(journal);
  },
};
