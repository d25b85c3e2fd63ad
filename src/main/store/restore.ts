/**
 * @file The way back to a backup: what the newest good one holds and lacks, and putting it in the database's place. The damaged file is kept
 * beside it under another name. Killed at any moment, the workspace has the damaged database or the restored one.
 */
import Database from 'better-sqlite3';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Instant } from '../../shared/instant.ts';
import type { RestoreOffer, WorkspaceContents } from '../../shared/workspace.ts';
import { prepareAudit } from './audit.ts';
import type { StoredBackup } from './backup.ts';
import { restoreContents } from './attachmentBackups.ts';
import { findDamage, listBackups, stampOf } from './backup.ts';
import { peekVersion } from './connection.ts';
import { storageFailure } from './failures.ts';
import { holdWorkspace } from './lock.ts';
import { migrate, newestVersion } from './migrate.ts';
import { migrations } from './migrations/all.ts';
import type { WorkspacePaths } from './paths.ts';

const intentPattern = /^restoring-(.+)\.db$/;

/** The newest backup that is sound and can be opened by this version; null where there is none. Reads backups whole until one is. */
export function findOffer(paths: WorkspacePaths): RestoreOffer | null {
  const good = newestGood(paths);
  if (!good) return null;
  const contents = contentsOf(good.path);
  if (!contents) return null;
  const damaged = existsSync(paths.database) ? contentsOf(paths.database) : null;
  const beyond = (key: keyof WorkspaceContents): number => Math.max(0, (damaged?.[key] ?? 0) - contents[key]);
  const { name, madeAt, sizeBytes } = good;
  const lacks = damaged && { verdicts: beyond('verdicts'), logs: beyond('logs'), cases: beyond('cases') };
  return { name, madeAt, sizeBytes, contents, lacks };
}

/**
 * Puts the newest good backup in the database's place; what is there is renamed to `damaged-…`. The workspace must not be open.
 * Throws NOT_FOUND when `name` is not (or no longer) the one offered, WORKSPACE_IN_USE, STORE_FULL, STORE_READONLY.
 */
export function restoreBackup(
  paths: WorkspacePaths,
  input: { name: string; now: Instant; analyst: string },
): { keptAs: string | null } {
  try {
    mkdirSync(paths.directory, { recursive: true });
    const lock = holdWorkspace(paths);
    try {
      finishRestore(paths);
      const good = newestGood(paths);
      if (!good || good.name !== input.name) {
        throw new AppError(
          'NOT_FOUND',
          `The backup ${input.name} is not there any more, or no longer the newest that is sound. Look again.`,
        );
      }
      const stamp = stampOf(input.now);
      const part = join(paths.directory, 'restoring.part');
      rmSync(part, { force: true });
      copyFileSync(good.path, part);
      prepare(part, good, input);
      // From here on the restored database is whole, and its name says what is to be done with it.
      renameSync(part, join(paths.directory, `restoring-${stamp}.db`));
      setNewerAside(paths, good);
      return finishRestore(paths);
    } finally {
      lock.release();
    }
  } catch (error) {
    throw storageFailure(error, paths);
  }
}

/** Ends a restoring that was decided on, also one that a crash cut off. The workspace must be held. */
export function finishRestore(paths: WorkspacePaths): { keptAs: string | null } {
  const intent = readdirSync(paths.directory).find((name) => intentPattern.test(name));
  const stamp = intent && intentPattern.exec(intent)?.[1];
  if (intent === undefined || stamp === undefined) return { keptAs: null };
  putContentsBack(paths, join(paths.directory, intent));
  const aside = join(paths.directory, `damaged-${stamp}.db`);
  // Its log goes first and under the name that belongs to it: applied to the restored database it would be new damage.
  for (const ending of ['-wal', '-shm', '']) {
    if (existsSync(paths.database + ending)) renameSync(paths.database + ending, aside + ending);
  }
  renameSync(join(paths.directory, intent), paths.database);
  return { keptAs: existsSync(aside) ? aside : null };
}

/** A disk that is too full for attachments must not keep the database from coming back; a case says which contents it lacks. */
function putContentsBack(paths: WorkspacePaths, database: string): void {
  try {
    restoreContents(paths, database);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
  }
}

function newestGood(paths: WorkspacePaths): StoredBackup | undefined {
  return listBackups(paths).find(({ path }) => {
    if (findDamage(path) !== null) return false;
    const version = peekVersion(path);
    return version > 0 && version <= newestVersion(migrations);
  });
}

/** The copy gets today's schema, and says in its audit what it is. */
function prepare(part: string, good: StoredBackup, input: { now: Instant; analyst: string }): void {
  const db = new Database(part);
  try {
    db.pragma('journal_mode = DELETE');
    migrate(db, migrations);
    prepareAudit(db).append({
      action: 'workspace.restored',
      subject: good.name,
      details: { madeAt: good.madeAt },
      actor: { analyst: input.analyst, at: input.now },
    });
  } finally {
    db.close();
  }
  const handle = openSync(part, 'r+');
  fsyncSync(handle);
  closeSync(handle);
}

/** Backups that were found damaged: the next ones are newer than they are, whatever their numbers say. */
function setNewerAside(paths: WorkspacePaths, good: StoredBackup): void {
  for (const { path, name } of listBackups(paths)) {
    if (name === good.name) return;
    renameSync(path, `${path}.damaged`);
  }
}

/** Null where it cannot be read. */
function contentsOf(path: string): WorkspaceContents | null {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    const count = (sql: string): number => db?.prepare<[], number>(sql).pluck().get() ?? 0;
    return {
      logs: count(`SELECT count(*) FROM source WHERE state <> 'removing'`),
      events: count(`SELECT coalesce(sum(event_count), 0) FROM source WHERE state <> 'removing'`),
      alerts: count('SELECT count(*) FROM alert'),
      verdicts: count(`SELECT count(*) FROM verdict WHERE kind = 'given'`),
      cases: count('SELECT count(*) FROM case_file'),
      models: count('SELECT count(*) FROM model'),
    };
  } catch (error) {
    if (error instanceof Database.SqliteError) return null;
    throw error;
  } finally {
    db?.close();
  }
}
