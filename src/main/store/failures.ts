/** @file Turns SQLite's and the file system's failures into coded errors that say what happened to which file and what to do. */
import Database from 'better-sqlite3';
import { AppError } from '../../shared/errors.ts';
import type { WorkspacePaths } from './paths.ts';

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

/** The coded form of `error`; what is no failure of the storage (a bug, an AppError) is returned as it is. `doing` words what did not work. */
export function storageFailure(
  error: unknown,
  paths: WorkspacePaths,
  doing: 'opening' | 'working' = 'working',
): unknown {
  if (error instanceof AppError) return error;
  // Work in chunks that `close` overtook.
  if (error instanceof TypeError && error.message === 'The database connection is not open') {
    return new AppError('CANCELLED', 'The workspace was closed.', { cause: error });
  }
  const code = codeOf(error);
  const options = { cause: error };
  if (/^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ|IOERR_CORRUPTFS)/.test(code)) {
    return new AppError(
      'STORE_CORRUPT',
      `The database ${paths.database} is damaged (${code}). Go back to the last backup in ${paths.backups}: Surprisal offers it when it starts, and on the command line "surprisal restore" does it.`,
      options,
    );
  }
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) {
    return new AppError(
      'STORE_FULL',
      doing === 'opening'
        ? `The workspace ${paths.directory} cannot be opened: its disk is full. Nothing was changed. Free some space and try again.`
        : `Not saved: the disk that holds ${paths.directory} is full. What was saved before is kept. Free some space and try again.`,
      options,
    );
  }
  // ENOENT: what making a folder on a disk that cannot be written fails with.
  if (/^(SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM|EACCES|EPERM|EROFS|ENOENT)/.test(code)) {
    return new AppError(
      'STORE_READONLY',
      `The workspace ${paths.directory} cannot be written (${code}). Give yourself the right to write there, or choose another folder.`,
      options,
    );
  }
  if (/^(ENOTDIR|EEXIST)/.test(code)) {
    return new AppError(
      'BAD_INPUT',
      `The workspace ${paths.directory} cannot be made: it, or a part of its path, is a file. Choose another folder.`,
      options,
    );
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new AppError(
      'WORKSPACE_IN_USE',
      `Another program is using ${paths.database}. Close it and try again.`,
      options,
    );
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return new AppError(
      'INTERNAL',
      `The disk failed while ${paths.database} was used (${code}). Check the disk.`,
      options,
    );
  }
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') {
    return new AppError(
      'BAD_REQUEST',
      'The request refers to something that does not exist, or is still referred to.',
      options,
    );
  }
  return error;
}

export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(error.code);
}
