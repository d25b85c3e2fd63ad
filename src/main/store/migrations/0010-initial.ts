/**
 * @file The first schema. Raw text of logs is in `event` and its full-text index only; all else holds ids and keyed hashes,
 * so that retention can erase text without touching verdicts, cases or the audit chain.
 */
import type { Migration } from '../migrate.ts';

const workspace = `
  CREATE TABLE workspace (
    id TEXT PRIMARY KEY,
    hash_key BLOB NOT NULL CHECK (length(hash_key) = 32),
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
  ) STRICT;

  -- Numbers that are shown or referred to are never given twice, also after a removal.
  CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL CHECK (next >= 1)
  ) STRICT;
  INSERT INTO counter (name, next) VALUES ('source', 1), ('event', 1), ('session', 1), ('alert', 1), ('case', 1), ('model', 1);

  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    analyst TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL CHECK (json_valid(details)),
    previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
  ) STRICT;
  CREATE TRIGGER audit__no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
  CREATE TRIGGER audit__no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
`;

const logs = `
  -- Ids of a source's events and sessions are contiguous: one source is imported at a time.
  CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    format TEXT NOT NULL CHECK (format IN ('syslog3164', 'combined', 'stamped', 'jsonl', 'bgl', 'plain', 'sequences')),
    state TEXT NOT NULL CHECK (state IN ('importing', 'ready', 'partial', 'removing')),
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    sha256 TEXT CHECK (length(sha256) = 64),
    assumption_year INTEGER,
    assumption_zone TEXT,
    imported_at INTEGER NOT NULL,
    first_event_id INTEGER NOT NULL,
    last_event_id INTEGER NOT NULL,
    first_session_id INTEGER NOT NULL,
    line_count INTEGER NOT NULL DEFAULT 0,
    event_count INTEGER NOT NULL DEFAULT 0,
    plain_count INTEGER NOT NULL DEFAULT 0,
    blank_count INTEGER NOT NULL DEFAULT 0,
    bad_byte_count INTEGER NOT NULL DEFAULT 0,
    session_count INTEGER NOT NULL DEFAULT 0,
    template_count INTEGER NOT NULL DEFAULT 0,
    first_at INTEGER,
    last_at INTEGER,
    CHECK (last_event_id >= first_event_id - 1)
  ) STRICT;
  CREATE UNIQUE INDEX source__state ON source (state) WHERE state = 'importing';
  CREATE INDEX source__sha256 ON source (sha256) WHERE sha256 IS NOT NULL;

  -- raw comes last, so that reading the other columns of a long line leaves its overflow pages alone.
  CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    line_number INTEGER NOT NULL CHECK (line_number >= 1),
    at INTEGER,
    severity INTEGER CHECK (severity BETWEEN 0 AND 7),
    template_id INTEGER NOT NULL CHECK (template_id >= 1),
    session_id INTEGER NOT NULL CHECK (session_id >= 1),
    host TEXT,
    entity TEXT,
    raw TEXT,
    raw_bytes BLOB
  ) STRICT;
  CREATE UNIQUE INDEX event__source_id_line_number ON event (source_id, line_number);
  CREATE INDEX event__session_id ON event (session_id);

  -- Every indexed event has its row, erased ones an empty one: a text is erased by 'delete' with the old text, the event's raw
  -- set to NULL, and a row of NULL put in again. The index then still fits its content.
  -- Separators stay separators: an address, a path or a user is found by its parts, and as a whole as a phrase of them.
  CREATE VIRTUAL TABLE event_text USING fts5 (
    raw, content = 'event', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
  );
  -- Erased text must leave the index at once, not at some later merge.
  INSERT INTO event_text (event_text, rank) VALUES ('secure-delete', 1);
  CREATE TABLE text_index (indexed_event_id INTEGER NOT NULL) STRICT;
  INSERT INTO text_index (indexed_event_id) VALUES (0);

  CREATE TABLE template (
    id INTEGER PRIMARY KEY CHECK (id >= 1),
    content_hash TEXT NOT NULL,
    prefix_hash INTEGER NOT NULL,
    tokens BLOB NOT NULL CHECK (length(tokens) % 8 = 0),
    count INTEGER NOT NULL,
    is_frozen INTEGER NOT NULL CHECK (is_frozen IN (0, 1)),
    example_event_id INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE session (
    id INTEGER PRIMARY KEY CHECK (id >= 1),
    source_id INTEGER NOT NULL REFERENCES source (id),
    entity_kind TEXT NOT NULL
      CHECK (entity_kind IN ('user', 'address', 'host', 'process', 'block', 'request', 'node', 'source')),
    entity_hash INTEGER NOT NULL,
    first_event_id INTEGER NOT NULL,
    last_event_id INTEGER NOT NULL,
    event_count INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    is_open INTEGER NOT NULL CHECK (is_open IN (0, 1))
  ) STRICT;
  CREATE INDEX session__source_id ON session (source_id);
`;

const models = `
  CREATE TABLE model (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('training', 'in_use', 'kept', 'failed')),
    created_at INTEGER NOT NULL,
    directory TEXT NOT NULL,
    card TEXT NOT NULL CHECK (json_type(card) = 'object'),
    curve TEXT NOT NULL CHECK (json_type(curve) = 'array'),
    files TEXT NOT NULL CHECK (json_type(files) = 'array')
  ) STRICT;
  CREATE UNIQUE INDEX model__state ON model (state) WHERE state = 'in_use';

  -- Append-only: the newest version of a model is its current one.
  CREATE TABLE threshold (
    version INTEGER PRIMARY KEY,
    model_id TEXT NOT NULL REFERENCES model (id),
    score REAL NOT NULL,
    budget_score REAL NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('learned', 'budget', 'verdicts', 'reverted')),
    budget_alerts REAL NOT NULL CHECK (budget_alerts > 0),
    budget_per TEXT NOT NULL CHECK (budget_per IN ('day', '100k')),
    events_per_period REAL NOT NULL,
    calibration_events INTEGER NOT NULL,
    meaning TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    verdict_count INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX threshold__model_id ON threshold (model_id);

  CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    source_id INTEGER NOT NULL REFERENCES source (id),
    model_id TEXT NOT NULL REFERENCES model (id),
    threshold_version INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    event_count INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX run__source_id_finished_at ON run (source_id, finished_at);
`;

const triage = `
  -- What analysts decided, as it happened. taken_back and put_back name the given verdict they are about.
  -- alert_id has no foreign key: the history outlives alerts that a later run did not raise again.
  CREATE TABLE verdict (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('given', 'taken_back', 'put_back')),
    id TEXT UNIQUE,
    given_number INTEGER REFERENCES verdict (number),
    alert_id TEXT NOT NULL,
    value TEXT CHECK (value IN
      ('true_positive', 'benign_true_positive', 'false_positive_logic', 'false_positive_data', 'undetermined')),
    note TEXT,
    analyst TEXT NOT NULL,
    at INTEGER NOT NULL,
    CHECK ((kind = 'given') = (id IS NOT NULL)),
    CHECK ((kind = 'given') = (given_number IS NULL)),
    CHECK ((kind = 'given') = (value IS NOT NULL)),
    CHECK ((kind = 'given') = (note IS NOT NULL))
  ) STRICT;
  CREATE INDEX verdict__alert_id ON verdict (alert_id) WHERE kind = 'given';
  CREATE INDEX verdict__given_number ON verdict (given_number) WHERE kind <> 'given';
  CREATE TRIGGER verdict__no_update BEFORE UPDATE ON verdict BEGIN SELECT RAISE(ABORT, 'verdict is append-only'); END;
  CREATE TRIGGER verdict__no_delete BEFORE DELETE ON verdict BEGIN SELECT RAISE(ABORT, 'verdict is append-only'); END;

  -- Given verdicts that were not taken back, or were put back since.
  CREATE VIEW standing_verdict AS
    SELECT given.number, given.id, given.alert_id, given.value, given.note, given.analyst, given.at
    FROM verdict AS given
    WHERE given.kind = 'given' AND 'taken_back' IS NOT (
      SELECT later.kind FROM verdict AS later
      WHERE later.given_number = given.number AND later.kind <> 'given'
      ORDER BY later.number DESC LIMIT 1
    );

  -- The verdict in force of each alert: its newest that stands. alert.decided_by keeps this answer for the indices.
  CREATE VIEW current_verdict AS
    SELECT alert_id, max(number) AS number FROM standing_verdict GROUP BY alert_id;

  CREATE TABLE alert (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    run_number INTEGER NOT NULL REFERENCES run (number),
    source_id INTEGER NOT NULL REFERENCES source (id),
    event_id INTEGER NOT NULL REFERENCES event (id),
    session_id INTEGER NOT NULL,
    last_event_id INTEGER NOT NULL,
    score REAL NOT NULL,
    bits REAL NOT NULL,
    severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 5),
    reason TEXT NOT NULL CHECK (reason IN ('unseen', 'order', 'rare', 'end')),
    title TEXT NOT NULL,
    signature TEXT NOT NULL,
    template_id INTEGER NOT NULL,
    entity_kind TEXT NOT NULL,
    entity_hash INTEGER NOT NULL,
    event_count INTEGER NOT NULL,
    at INTEGER,
    raised_at INTEGER NOT NULL,
    is_viewed INTEGER NOT NULL DEFAULT 0 CHECK (is_viewed IN (0, 1)),
    decided_by INTEGER REFERENCES verdict (number),
    folded_by INTEGER REFERENCES verdict (number),
    state TEXT NOT NULL GENERATED ALWAYS AS (
      CASE WHEN decided_by IS NOT NULL THEN 'decided' WHEN folded_by IS NOT NULL THEN 'folded' ELSE 'open' END
    ) VIRTUAL,
    -- Alerts without a time come after all others.
    order_at INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(at, -9007199254740991)) VIRTUAL,
    evidence TEXT NOT NULL CHECK (json_valid(evidence))
  ) STRICT;
  -- Ties go by event_id: SQLite does not search for a row value that ends in the row id.
  CREATE INDEX alert__state_severity_score_event_id ON alert (state, severity, score, event_id);
  CREATE INDEX alert__state_order_at_event_id_score ON alert (state, order_at, event_id, score);
  CREATE INDEX alert__signature_state_score ON alert (signature, state, score);
  CREATE UNIQUE INDEX alert__event_id ON alert (event_id);
  CREATE INDEX alert__source_id ON alert (source_id);
  CREATE INDEX alert__run_number ON alert (run_number);
  CREATE UNIQUE INDEX alert__decided_by ON alert (decided_by) WHERE decided_by IS NOT NULL;
  CREATE INDEX alert__folded_by ON alert (folded_by, decided_by) WHERE folded_by IS NOT NULL;

  -- Alerts to come of this signature are folded under the verdict while it is in force and has not expired.
  CREATE TABLE fold (
    verdict_number INTEGER PRIMARY KEY REFERENCES verdict (number),
    signature TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX fold__signature ON fold (signature);

  -- Which alerts a verdict folded, kept while it is taken back or replaced, so that putting it back restores exactly.
  CREATE TABLE folded_alert (
    verdict_number INTEGER NOT NULL REFERENCES verdict (number),
    alert_number INTEGER NOT NULL REFERENCES alert (number) ON DELETE CASCADE,
    PRIMARY KEY (verdict_number, alert_number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX folded_alert__alert_number ON folded_alert (alert_number);

  -- "case" is a word of SQL.
  CREATE TABLE case_file (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL CHECK (length(title) >= 1),
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE case_alert (
    case_number INTEGER NOT NULL REFERENCES case_file (number),
    alert_number INTEGER NOT NULL REFERENCES alert (number),
    added_at INTEGER NOT NULL,
    PRIMARY KEY (case_number, alert_number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX case_alert__alert_number ON case_alert (alert_number);

  CREATE TABLE note (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    case_number INTEGER NOT NULL REFERENCES case_file (number),
    analyst TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX note__case_number ON note (case_number);
`;

export const initial: Migration = {
  version: 10,
  apply: (db) => {
    db.exec(workspace);
    db.exec(logs);
    db.exec(models);
    db.exec(triage);
  },
};
