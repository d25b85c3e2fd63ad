/**
 * @file Where the audit chain ends: its length and last hash, sealed with the workspace's key in one row beside it. A chain that was cut short
 * is a sound chain; what betrays it is this row, every backup, and every report that names the head it was made at.
 */
import { createHmac } from 'node:crypto';
import type { Connection } from './statements.ts';

export type AuditHead = { sequence: number; hash: Uint8Array };
type SealedHead = AuditHead & { seal: Uint8Array };

/** As reports and the command line write it: "214:3f2a…". */
export function headText({ sequence, hash }: AuditHead): string {
  return `${sequence}:${Buffer.from(hash).toString('hex').slice(0, 32)}`;
}

export function prepareAuditHead(db: Connection) {
  const key = db.prepare<[], Uint8Array>('SELECT hash_key FROM workspace').pluck();
  const read = db.prepare<[], SealedHead>('SELECT sequence, hash, seal FROM audit_head');
  const write = db.prepare<SealedHead>(
    `INSERT INTO audit_head (id, sequence, hash, seal) VALUES (1, @sequence, @hash, @seal)
     ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash, seal = excluded.seal`,
  );
  const sealOf = ({ sequence, hash }: AuditHead): Uint8Array =>
    createHmac('sha256', key.get() ?? '')
      .update(JSON.stringify(['audit head', sequence, Buffer.from(hash).toString('hex')]))
      .digest();
  const set = (head: AuditHead): void => void write.run({ ...head, seal: sealOf(head) });
  const differsFrom = (end: AuditHead): number | null => {
    const head = read.get();
    if (!head) return end.sequence + 1;
    const isSame = head.sequence === end.sequence && Buffer.compare(head.hash, end.hash) === 0;
    if (isSame && Buffer.compare(head.seal, sealOf(head)) === 0) return null;
    return head.sequence === end.sequence ? end.sequence : Math.min(head.sequence, end.sequence) + 1;
  };
  return {
    /** Sets it anew, whatever it was. */
    set,
    /**
     * Moves it from one entry to the next, in the transaction of the next. A head that is elsewhere stays where it is: what was taken away
     * must not be covered by what comes after.
     */
    move: (from: AuditHead, to: AuditHead): void => {
      const isFirst = from.sequence === 0 && read.get() === undefined;
      if (isFirst || differsFrom(from) === null) set(to);
    },
    /** Null when the chain ends where it was sealed; else an entry from which on the two cannot both be right. */
    differsFrom,
  };
}
