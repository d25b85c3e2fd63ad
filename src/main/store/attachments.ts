/** @file Attachments that go, and which contents are still needed: a content belongs to every attachment of its hash. */
import { AppError } from '../../shared/errors.ts';
import type { Audit } from './audit.ts';
import { familyOf, type CaseRows } from './caseRows.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

export function prepareAttachments(db: Connection, { audit, cases }: { audit: Audit; cases: CaseRows }) {
  const find = db.prepare<[string, number], { number: number; name: string; sha256: string; sizeBytes: number }>(
    `SELECT number, name, sha256, size_bytes AS sizeBytes FROM attachment WHERE id = ? AND case_number IN ${familyOf('?')}`,
  );
  const remove = db.prepare<[number]>('DELETE FROM attachment WHERE number = ?');
  const known = db
    .prepare<[string], string>(
      `SELECT wanted.value FROM json_each(?) AS wanted
       WHERE EXISTS (SELECT 1 FROM attachment WHERE attachment.sha256 = wanted.value)`,
    )
    .pluck();
  return {
    /** The audit keeps its hash and size, and not its name. */
    remove: ({ caseId, attachmentId, actor }: Input<'remove_attachment'>): Output<'remove_attachment'> =>
      inTransaction(db, () => {
        const record = cases.writable(caseId);
        const found = find.get(attachmentId, record.number);
        if (!found) throw new AppError('NOT_FOUND', 'That attachment is no longer in the case.');
        const { number, name, sha256, sizeBytes } = found;
        remove.run(number);
        cases.touch(record.number, actor.at);
        const details = { id: attachmentId, sha256, sizeBytes };
        audit.append({ action: 'case.attachment_removed', subject: caseId, details, actor });
        return { name, sha256 };
      }),
    known: ({ hashes }: Input<'known_contents'>): Output<'known_contents'> => known.all(JSON.stringify(hashes)),
  };
}
