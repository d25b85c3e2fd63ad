/**
 * @file A version of the threshold keeps what else verdicts taught; and what a verdict says of alerts to come is kept by itself, with its scope: alike
 * alerts of a confirmed threat are known, of what was none fold.
 */
import type { Migration } from '../migrate.ts';

const taught = `
  -- Weights of detectors and verified normals; null: verdicts taught the threshold alone.
  ALTER TABLE threshold ADD COLUMN taught TEXT CHECK (taught IS NULL OR json_type(taught) = 'object');
`;

const memory = `
  -- What verdicts say of alerts to come. threat: they are known. harmless: they fold until it expires. It counts while its verdict stands.
  CREATE TABLE memory (
    number INTEGER PRIMARY KEY,
    verdict_number INTEGER NOT NULL REFERENCES verdict (number),
    kind TEXT NOT NULL CHECK (kind IN ('threat', 'harmless')),
    -- Alike alerts; of these only those of the same actor; or all of the kind of line.
    scope TEXT NOT NULL CHECK (scope IN ('signature', 'entity', 'template')),
    signature TEXT NOT NULL,
    template_id INTEGER NOT NULL,
    -- Kind and keyed hash of the actor.
    entity TEXT NOT NULL,
    expires_at INTEGER,
    forgotten_at INTEGER,
    CHECK ((kind = 'threat') = (expires_at IS NULL))
  ) STRICT;
  CREATE INDEX memory__signature ON memory (signature) WHERE forgotten_at IS NULL;
  CREATE INDEX memory__template_id ON memory (template_id) WHERE scope = 'template' AND forgotten_at IS NULL;
  CREATE INDEX memory__verdict_number ON memory (verdict_number);
  INSERT INTO memory (verdict_number, kind, scope, signature, template_id, entity, expires_at)
    SELECT fold.verdict_number, 'harmless', 'signature', fold.signature,
      coalesce((SELECT template_id FROM alert WHERE alert.signature = fold.signature LIMIT 1), 1), '', fold.expires_at
    FROM fold;
  DROP TABLE fold;

  -- The verdict that confirmed its like; then score and severity are at least those of a severe alert, and these are its own.
  ALTER TABLE alert ADD COLUMN known_by INTEGER REFERENCES verdict (number);
  ALTER TABLE alert ADD COLUMN own_score REAL;
  ALTER TABLE alert ADD COLUMN own_severity INTEGER;
  CREATE INDEX alert__known_by ON alert (known_by) WHERE known_by IS NOT NULL;
`;

export const keepWhatVerdictsTeach: Migration = {
  version: 180,
  apply: (db) => {
    db.exec(taught);
    db.exec(memory);
  },
};
