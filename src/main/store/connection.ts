/** @file Opens the workspace database with its settings, each set explicitly and for a reason. */
import Database from 'better-sqlite3';
import { existsSync, statSync } from 'node:fs';
import { AppError } from '../../shared/errors.ts';
import { schemaVersion } from './migrate.ts';
import type { Connection } from './statements.ts';

/** "SURP": tells our database from any other SQLite file. */
const applicationId = 0x53555250;

/** Schema version of an existing database, 0 for none. Changes nothing. Throws BAD_INPUT for a database that is not ours. */
export function peekVersion(path: string): number {
  if (!existsSync(path) || statSync(path).size === 0) return 0;
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const version = schemaVersion(db);
    const owner = db.pragma('application_id', { simple: true });
    const tables = db.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get();
    // A crash before the first migration leaves an empty database of nobody.
    if (owner !== applicationId && (version !== 0 || tables !== 0)) {
      throw new AppError(
        'BAD_INPUT',
        `${path} is a database of another program. Choose another folder for the workspace.`,
      );
    }
    return version;
  } finally {
    db.close();
  }
}

export function openConnection(path: string): Connection {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = WAL'); // readers and the writer do not wait for each other; a commit is one append
    db.pragma('synchronous = FULL'); // a verdict survives a power cut; WAL alone would only promise NORMAL
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 5000'); // a backup tool may look at the file for a moment
    db.pragma(`journal_size_limit = ${64 * 1024 * 1024}`); // an import must not leave its largest WAL behind
    db.pragma('temp_store = MEMORY'); // sorting must not write log text into files outside the workspace
    db.pragma('cache_size = -65536'); // 64 MiB: the hot part of the event indices stays in memory while importing
    db.pragma('trusted_schema = OFF'); // a workspace may come from somebody else: its schema runs no functions but plain ones
    db.pragma('secure_delete = ON'); // erased text is overwritten, not only unlinked
    db.pragma(`application_id = ${applicationId}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
