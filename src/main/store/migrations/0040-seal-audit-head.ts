/** @file The end of the audit chain gets a row of its own, so that entries taken off the end are missed. */
import { prepareAuditHead, type AuditHead } from '../auditHead.ts';
import type { Migration } from '../migrate.ts';

export const sealAuditHead: Migration = {
  version: 40,
  apply: (db) => {
    db.exec(`
      CREATE TABLE audit_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sequence INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        seal BLOB NOT NULL CHECK (length(seal) = 32)
      ) STRICT;`);
    const end = db.prepare<[], AuditHead>('SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1').get();
    if (end) prepareAuditHead(db).set(end);
  },
};
