/** @file Words that every statements file of the store shares: the connection, method types, transactions. */
import type { Database } from 'better-sqlite3';
import type { StoreMethods } from './protocol.ts';

export type Connection = Database;

export type Input<K extends keyof StoreMethods> = StoreMethods[K]['input'];
export type Output<K extends keyof StoreMethods> = StoreMethods[K]['output'];

/** Runs `work` in one transaction that is undone when it throws. Takes the write lock first, so that it cannot fail half way for it. */
export function inTransaction<T>(db: Connection, work: () => T): T {
  return db.transaction(work).immediate();
}

/** Lets requests that wait be answered before the next chunk of a long piece of work. */
export function letOthersIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
