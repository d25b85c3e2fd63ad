/**
 * @file Outputs hear of what changes, too: alerts that come up after they were raised, or rise in severity. A change is noted by the statement that brings
 * it about, whichever that is, and only while an output is on.
 */
import type { Migration } from '../migrate.ts';

const changes = `
  -- Alerts that came up or rose, each by its last time. AUTOINCREMENT: an output's place among them holds when those before it are gone.
  CREATE TABLE alert_change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_number INTEGER NOT NULL UNIQUE REFERENCES alert (number) ON DELETE CASCADE
  ) STRICT;

  -- What was sent where, and at which severity: nothing is told twice for having gone and come up again.
  CREATE TABLE output_told (
    alert_number INTEGER NOT NULL REFERENCES alert (number) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    severity INTEGER NOT NULL,
    PRIMARY KEY (alert_number, kind)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE output ADD COLUMN is_on INTEGER GENERATED ALWAYS AS (settings ->> 'isOn') VIRTUAL;
  -- Every change up to this one was sent, or is not for it.
  ALTER TABLE output ADD COLUMN after_change INTEGER NOT NULL DEFAULT 0;
  -- The threshold that it last went by: what a lower one shows comes up.
  ALTER TABLE output ADD COLUMN min_score REAL;

  -- Decided alerts did not come up by being decided: a verdict on a hundred thousand fires nothing.
  CREATE TRIGGER alert__change AFTER UPDATE OF score, severity, folded_by, muted_by, head_number ON alert
  WHEN NEW.state = 'open' AND (OLD.state <> 'open' OR NEW.severity > OLD.severity OR NEW.score > OLD.score)
    AND EXISTS (SELECT 1 FROM output WHERE is_on = 1)
  BEGIN
    INSERT OR REPLACE INTO alert_change (alert_number) VALUES (NEW.number);
  END;

  INSERT INTO output_told (alert_number, kind, severity)
    SELECT alert.number, output.kind, alert.severity FROM output CROSS JOIN alert NOT INDEXED
    WHERE output.is_on = 1 AND alert.number <= output.after_number AND alert.state IN ('open', 'decided');
`;

export const sendChanges: Migration = { version: 370, apply: (db) => db.exec(changes) };
