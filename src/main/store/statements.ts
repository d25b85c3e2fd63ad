/** @file Words that every statements file of the store shares: the connection, method types, transactions. */
import type { Database } from 'better-sqlite3';
import { AppError } from '../../shared/errors.ts';
import type { StoreMethods } from './protocol.ts';

export type Connection = Database;

export type Input<K extends keyof StoreMethods> = StoreMethods[K]['input'];
export type Output<K extends keyof StoreMethods> = StoreMethods[K]['output'];

/** Runs `work` in one transaction that is undone when it throws. Takes the write lock first, so that it cannot fail half way for it. */
export function inTransaction<T>(db: Connection, work: () => T): T {
  return db.transaction(work).immediate();
}

/** Lets requests that wait be answered before the next chunk of a long piece of work. Throws CANCELLED when one of them was `close`. */
export async function letOthersIn(db: Connection): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (!db.open) throw new AppError('CANCELLED', 'The workspace was closed.');
}
