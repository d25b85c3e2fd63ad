/** @file Holds a workspace folder for one process at a time. The operating system lets go of it when the process ends, however it ends. */
import Database from 'better-sqlite3';
import { AppError } from '../../shared/errors.ts';
import type { WorkspacePaths } from './paths.ts';

/** Takes the folder until `release`. Throws WORKSPACE_IN_USE when another process, or another store of this one, has it. */
export function holdWorkspace(paths: WorkspacePaths): { release: () => void } {
  // An exclusive SQLite transaction is a file lock that works on every system SQLite does, network shares excepted.
  const db = new Database(paths.lock, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new AppError(
        'WORKSPACE_IN_USE',
        `The workspace ${paths.directory} is open in another Surprisal. Close that one, or choose another folder.`,
        { cause: error },
      );
    }
    throw error;
  }
  return { release: () => db.close() };
}
