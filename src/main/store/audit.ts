/** @file The append-only record of who did what, as a chain of hashes: each entry's hash covers the one before it. No log text. */
import { createHash } from 'node:crypto';
import { headText, prepareAuditHead, type AuditHead } from './auditHead.ts';
import type { Connection, Input, Output } from './statements.ts';
import { letOthersIn } from './statements.ts';

type Entry = {
  sequence: number;
  at: number;
  analyst: string;
  action: string;
  subject: string;
  details: string;
  previous_hash: Uint8Array;
  hash: Uint8Array;
};

const noHash = new Uint8Array(32);
const start: AuditHead = { sequence: 0, hash: noHash };
const entriesPerChunk = 5000;

/** SHA-256 of the previous hash and every field as one JSON array: JSON's quoting keeps fields from running into each other. */
function hashOf(entry: Omit<Entry, 'hash'>): Uint8Array {
  const { sequence, at, analyst, action, subject, details } = entry;
  const previous = Buffer.from(entry.previous_hash).toString('hex');
  return createHash('sha256')
    .update(JSON.stringify([previous, sequence, at, analyst, action, subject, details]))
    .digest();
}

export type Audit = ReturnType<typeof prepareAudit>;

export function prepareAudit(db: Connection) {
  const head = prepareAuditHead(db);
  const newest = db.prepare<[], Pick<Entry, 'sequence' | 'hash'>>(
    'SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1',
  );
  const insert = db.prepare<Entry>(
    `INSERT INTO audit (sequence, at, analyst, action, subject, details, previous_hash, hash)
     VALUES (@sequence, @at, @analyst, @action, @subject, @details, @previous_hash, @hash)`,
  );
  const chunk = db.prepare<[number, number], Entry>(
    `SELECT sequence, at, analyst, action, subject, details, previous_hash, hash
     FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?`,
  );
  /** Where the chain ended when it was found sound last. */
  let sound = start;
  const verifyFrom = async (from: AuditHead): Promise<Output<'verify_audit'>> => {
    let { sequence: count, hash: previous } = from;
    /** Undefined: there is more to read. One snapshot, because the app may write between the last entry and its seal. */
    const step = db.transaction((): number | null | undefined => {
      const entries = chunk.all(count, entriesPerChunk);
      for (const entry of entries) {
        const fits =
          entry.sequence === count + 1 &&
          (count > 0 || entry.action === 'workspace.created') &&
          Buffer.compare(entry.previous_hash, previous) === 0 &&
          Buffer.compare(entry.hash, hashOf(entry)) === 0;
        if (!fits) return entry.sequence;
        previous = entry.hash;
        count++;
      }
      if (entries.length === entriesPerChunk) return undefined;
      return head.differsFrom({ sequence: count, hash: previous });
    });
    for (;;) {
      const brokenAt = step();
      if (brokenAt === undefined) {
        await letOthersIn();
        continue;
      }
      const end = { sequence: count, hash: previous };
      if (brokenAt === null && count > sound.sequence) sound = end;
      return { count, head: headText(end), brokenAt };
    }
  };
  return {
    count: (): number => newest.get()?.sequence ?? 0,
    /** Belongs into the transaction of the action it records. */
    append: ({ action, subject, details, actor }: Input<'append_audit'>): void => {
      const last = newest.get();
      const entry = {
        sequence: (last?.sequence ?? 0) + 1,
        at: actor.at,
        // SQLite would replace lone surrogates, and the entry would no longer fit its hash.
        analyst: actor.analyst.toWellFormed(),
        action: action.toWellFormed(),
        subject: subject.toWellFormed(),
        details: JSON.stringify(details).toWellFormed(),
        previous_hash: last?.hash ?? noHash,
      };
      const hash = hashOf(entry);
      insert.run({ ...entry, hash });
      head.move({ sequence: last?.sequence ?? 0, hash: last?.hash ?? noHash }, { sequence: entry.sequence, hash });
    },
    verify: () => verifyFrom(start),
    /** What came since it was verified last, over this connection; what was before was sound then. */
    verifyNew: () => verifyFrom(sound),
  };
}
