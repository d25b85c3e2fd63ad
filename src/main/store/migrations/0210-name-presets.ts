/** @file Which preset a threshold belongs to: what is judged by it, and the alerts of its runs, were judged so. */
import type { Migration } from '../migrate.ts';

const name = `
  -- JSON, with what the preset was set to.
  ALTER TABLE threshold ADD COLUMN preset TEXT NOT NULL DEFAULT '{"kind":"budget"}' CHECK (json_type(preset) = 'object');
  ALTER TABLE threshold ADD COLUMN wider_reason TEXT NOT NULL DEFAULT 'learned'
    CHECK (wider_reason IN ('learned', 'budget', 'verdicts', 'reverted', 'drift', 'preset'));
  UPDATE threshold SET wider_reason = reason;
  ALTER TABLE threshold DROP COLUMN reason;
  ALTER TABLE threshold RENAME COLUMN wider_reason TO reason;
`;

export const namePresets: Migration = { version: 210, apply: (db) => db.exec(name) };
