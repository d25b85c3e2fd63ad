/**
 * @file What an analyst does to many alerts at once: a verdict may stand for any number of them, alerts have owners and are muted, and every
 * such action is one entry of a journal that undo and redo walk. Nothing of this needs more of `alert` than its number.
 */
import type { Migration } from '../migrate.ts';

const journal = `
  -- Actions that can be undone, newest first. done: in force. undone: can be put back. dropped: a newer action came after it was undone.
  CREATE TABLE action (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('verdict', 'assign', 'mute', 'unmute', 'case')),
    state TEXT NOT NULL DEFAULT 'done' CHECK (state IN ('done', 'undone', 'dropped')),
    -- The verdict, the mute or the case that it is about; null for an assignment.
    reference INTEGER,
    -- Of an assignment: the owner that it gave; null: nobody.
    owner TEXT,
    alert_count INTEGER NOT NULL,
    analyst TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX action__state ON action (state, number) WHERE state <> 'dropped';
  CREATE INDEX action__reference ON action (reference) WHERE kind = 'verdict';

  -- The alerts of an action and what each had before: the verdict in force, or the owner.
  -- No foreign key: the journal outlives alerts that a later run did not raise again.
  CREATE TABLE action_alert (
    action_number INTEGER NOT NULL REFERENCES action (number),
    alert_number INTEGER NOT NULL,
    before ANY,
    PRIMARY KEY (action_number, alert_number)
  ) STRICT, WITHOUT ROWID;

  -- Verdicts that stand so far, so that they can still be taken back one by one.
  INSERT INTO action (kind, reference, alert_count, analyst, at)
    SELECT 'verdict', number, 1, analyst, at FROM standing_verdict ORDER BY number;
  INSERT INTO action_alert (action_number, alert_number, before)
    SELECT action.number, alert.number, (
        SELECT max(earlier.number) FROM standing_verdict AS earlier
        WHERE earlier.alert_id = verdict.alert_id AND earlier.number < verdict.number)
    FROM action CROSS JOIN verdict ON verdict.number = action.reference CROSS JOIN alert ON alert.id = verdict.alert_id;
`;

const verdicts = `
  -- More than one: the alerts are those of the verdict's action, and alert_id is the first of them.
  ALTER TABLE verdict ADD COLUMN alert_count INTEGER NOT NULL DEFAULT 1;
  CREATE INDEX verdict__many ON verdict (number) WHERE alert_count > 1;
  DROP INDEX alert__decided_by;
  CREATE INDEX alert__decided ON alert (signature, decided_by) WHERE decided_by IS NOT NULL;

  DROP VIEW current_verdict;

  -- A verdict on many folds what is alike any of them.
  CREATE TABLE fold_of_many (
    verdict_number INTEGER NOT NULL REFERENCES verdict (number),
    signature TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (verdict_number, signature)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO fold_of_many SELECT verdict_number, signature, expires_at FROM fold;
  DROP TABLE fold;
  ALTER TABLE fold_of_many RENAME TO fold;
  CREATE INDEX fold__signature ON fold (signature);
`;

const mutes = `
  -- What is hidden for a while: the open alerts that a filter finds, and those to come. The filter is the analyst's own words.
  CREATE TABLE mute (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    filter TEXT NOT NULL CHECK (length(filter) > 0),
    zone TEXT NOT NULL,
    reason TEXT NOT NULL,
    analyst TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Null: until it is lifted.
    expires_at INTEGER,
    state TEXT NOT NULL DEFAULT 'in_force' CHECK (state IN ('in_force', 'lifted', 'expired'))
  ) STRICT;
  CREATE INDEX mute__in_force ON mute (expires_at) WHERE state = 'in_force';

  ALTER TABLE alert ADD COLUMN owner TEXT;
  ALTER TABLE alert ADD COLUMN muted_by INTEGER REFERENCES mute (number);
  CREATE INDEX alert__muted_by ON alert (muted_by) WHERE muted_by IS NOT NULL;
  CREATE INDEX alert__owner ON alert (owner, decided_by) WHERE owner IS NOT NULL;
`;

const lists = `
  DROP INDEX IF EXISTS alert__state_severity_score_event_id;
  DROP INDEX IF EXISTS alert__state_order_at_event_id_score;
  DROP INDEX IF EXISTS alert__signature_state_score;
  ALTER TABLE alert DROP COLUMN state;
  ALTER TABLE alert ADD COLUMN state TEXT GENERATED ALWAYS AS (
    CASE WHEN decided_by IS NOT NULL THEN 'decided' WHEN folded_by IS NOT NULL THEN 'folded'
      WHEN muted_by IS NOT NULL THEN 'muted' ELSE 'open' END
  ) VIRTUAL;
  -- With the other order's keys behind its own, so that a list is counted and drawn over time from its index alone.
  CREATE INDEX alert__by_severity ON alert (state, severity, score, event_id, order_at);
  CREATE INDEX alert__by_time ON alert (state, order_at, event_id, severity, score);
  CREATE INDEX alert__open ON alert (signature, score)
    WHERE decided_by IS NULL AND folded_by IS NULL AND muted_by IS NULL;
  -- How many alike a verdict folded.
  DROP INDEX IF EXISTS alert__folded_by;
  CREATE INDEX alert__folded_by ON alert (folded_by, signature, decided_by) WHERE folded_by IS NOT NULL;
  -- What a row's sparkline counts.
  CREATE INDEX alert__signature_order_at ON alert (signature, order_at);
`;

export const keepActions: Migration = {
  version: 100,
  apply: (db) => {
    db.exec(journal);
    db.exec(verdicts);
    db.exec(mutes);
    db.exec(lists);
  },
};
