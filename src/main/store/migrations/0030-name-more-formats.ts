/** @file More formats that a source may have, and the encoding that its text was read in. */
import type { Migration } from '../migrate.ts';

// A column's check goes with its column: the list is widened on a new one, which takes the name. `source` itself stays, and with it
// all that refers to it.
const widen = `
  ALTER TABLE source ADD COLUMN wider_format TEXT NOT NULL DEFAULT 'plain' CHECK (wider_format IN (
    'syslog5424', 'syslog3164', 'combined', 'apacheError', 'nginxError', 'windows', 'journald', 'auditd', 'log4j', 'stamped', 'jsonl',
    'bgl', 'plain', 'sequences'
  ));
  UPDATE source SET wider_format = format;
  ALTER TABLE source DROP COLUMN format;
  ALTER TABLE source RENAME COLUMN wider_format TO format;

  ALTER TABLE source ADD COLUMN encoding TEXT NOT NULL DEFAULT 'utf-8'
    CHECK (encoding IN ('utf-8', 'utf-16le', 'utf-16be', 'windows-1252'));
`;

export const nameMoreFormats: Migration = { version: 30, apply: (db) => db.exec(widen) };
