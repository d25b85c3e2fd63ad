/** @file Tokens of the local API: their hashes, who may still use one, and an audit entry for each that is made or revoked. */
import { AppError } from '../../shared/errors.ts';
import type { Audit } from './audit.ts';
import { isUniqueViolation } from './failures.ts';
import type { ApiTokenRecord } from './protocol/follows.ts';
import type { Connection, Input } from './statements.ts';
import { inTransaction } from './statements.ts';

export function prepareApiTokens(db: Connection, audit: Audit) {
  const insert = db.prepare<[string, string, Uint8Array, number]>(
    'INSERT INTO api_token (id, name, hash, made_at) VALUES (?, ?, ?, ?)',
  );
  const all = db.prepare<[], ApiTokenRecord>(
    'SELECT id, name, hash, made_at AS madeAt, revoked_at AS revokedAt FROM api_token ORDER BY made_at, id',
  );
  const revoke = db
    .prepare<[number, string], string>(
      'UPDATE api_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL RETURNING name',
    )
    .pluck();
  return {
    add: ({ id, name, hash, actor }: Input<'add_api_token'>): undefined => {
      inTransaction(db, () => {
        try {
          insert.run(id, name, hash, actor.at);
        } catch (error) {
          if (!isUniqueViolation(error)) throw error;
          throw new AppError('CONFLICT', `A token named ${name} is in force. Revoke it first, or choose another name.`);
        }
        audit.append({ action: 'token.created', subject: id, details: { name }, actor });
      });
    },
    list: (): ApiTokenRecord[] => all.all().map((token) => ({ ...token, hash: new Uint8Array(token.hash) })),
    revoke: ({ id, actor }: Input<'revoke_api_token'>): undefined => {
      inTransaction(db, () => {
        const name = revoke.get(actor.at, id);
        if (name === undefined) throw new AppError('NOT_FOUND', 'There is no such token in force.');
        audit.append({ action: 'token.revoked', subject: id, details: { name }, actor });
      });
    },
  };
}
