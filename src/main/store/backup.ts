/**
 * @file Verified copies of the database in the workspace's backups folder: made, listed, and let go of. Works from a connection of its own
 * that only reads, so that the copy of a large workspace can be made in a thread of its own while the store thread goes on writing.
 */
import Database from 'better-sqlite3';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Backup } from '../../shared/workspace.ts';
import type { Instant } from '../../shared/instant.ts';
import { backUpContents, type LackingContents } from './attachmentBackups.ts';
import type { WorkspacePaths } from './paths.ts';

/** A backup as its file name tells it. `sequence` is that of its newest audit entry: clocks are set back, the audit never is. */
export type StoredBackup = Backup & { path: string; sequence: number };

/** `lacking`: contents of attachments that are not beside it. */
export type BackupOutcome =
  { made: StoredBackup; lacking: LackingContents | null } | { made: null; neededBytes: number; freeBytes: number };

const namePattern = /^(\d{8,})-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-[a-z0-9-]+)?\.db$/;
const beforeMigration = '-before-schema-';
const dayMs = 86_400_000;

export function stampOf(now: Instant): string {
  return new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Newest first. Files of other names are none of ours. */
export function listBackups(paths: WorkspacePaths): StoredBackup[] {
  if (!existsSync(paths.backups)) return [];
  return readdirSync(paths.backups)
    .flatMap((name) => {
      const found = namePattern.exec(name);
      if (!found) return [];
      const [sequence = 0, year = 0, month = 0, ...rest] = found.slice(1).map(Number);
      const madeAt = Date.UTC(year, month - 1, ...rest);
      const path = join(paths.backups, name);
      // Whoever makes backups lets go of one while another process lists them.
      const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size;
      return sizeBytes === undefined ? [] : [{ name, path, sequence, madeAt, sizeBytes }];
    })
    .sort((a, b) => b.sequence - a.sequence || b.madeAt - a.madeAt);
}

/** The newest, the newest of another day, the newest of another week, and the newest from before a change of the schema. */
export function backupsToKeep<B extends Pick<Backup, 'name' | 'madeAt'>>(newestFirst: readonly B[]): Set<B> {
  const [newest] = newestFirst;
  if (!newest) return new Set();
  const day = (backup: B): number => Math.floor(backup.madeAt / dayMs);
  // Weeks from Monday: 1970 began on a Thursday.
  const week = (backup: B): number => Math.floor((day(backup) + 3) / 7);
  const kept = [
    newest,
    newestFirst.find((backup) => day(backup) !== day(newest)),
    newestFirst.find((backup) => week(backup) !== week(newest)),
    newestFirst.find(({ name }) => name.includes(beforeMigration)),
  ];
  return new Set(kept.filter((backup) => backup !== undefined));
}

/**
 * Copies the database and reads the copy back whole before it counts; backups that are not kept go after that. Nothing is written when
 * less than twice the database's size is free. Throws STORE_CORRUPT when the copy is not sound, and SQLite's own errors.
 */
export function backUp(
  paths: WorkspacePaths,
  input: { now: Instant; label?: string; mostAttachedBytes?: number },
): BackupOutcome {
  mkdirSync(paths.backups, { recursive: true });
  const unfinished = join(paths.backups, 'unfinished');
  rmSync(unfinished, { force: true }); // of a process that ended in the middle
  const neededBytes = 2 * (sizeOf(paths.database) + sizeOf(`${paths.database}-wal`));
  const { bavail, bsize } = statfsSync(paths.backups);
  const freeBytes = bavail * bsize;
  if (freeBytes < neededBytes) return { made: null, neededBytes, freeBytes };
  try {
    const source = new Database(paths.database, { readonly: true, fileMustExist: true });
    try {
      source.prepare('VACUUM INTO ?').run(unfinished); // one moment's state; neither reading nor writing waits for it
    } finally {
      source.close();
    }
    const damage = findDamage(unfinished);
    if (damage !== null) {
      throw new AppError(
        'STORE_CORRUPT',
        `A copy of the database ${paths.database} is not sound (${damage}): the database or its disk is damaged. No backup was made; earlier ones are in ${paths.backups}.`,
      );
    }
    const handle = openSync(unfinished, 'r+');
    fsyncSync(handle);
    closeSync(handle);
    const sequence = newestEntry(unfinished);
    const label = input.label === undefined ? '' : `-${input.label}`;
    const name = `${String(sequence).padStart(8, '0')}-${stampOf(input.now)}${label}.db`;
    const path = join(paths.backups, name);
    renameSync(unfinished, path);
    const all = listBackups(paths);
    const kept = backupsToKeep(all);
    for (const backup of all) if (!kept.has(backup)) rmSync(backup.path, { force: true });
    const keptPaths = all.filter((backup) => kept.has(backup)).map((backup) => backup.path);
    const lacking = backUpContents(paths, keptPaths, input.mostAttachedBytes);
    const madeAt = Math.floor(input.now / 1000) * 1000;
    return { made: { name, path, sequence, madeAt, sizeBytes: sizeOf(path) }, lacking };
  } finally {
    rmSync(unfinished, { force: true });
    rmSync(`${unfinished}-journal`, { force: true });
  }
}

/** What is wrong with a database file, in SQLite's words; null when nothing is. Reads all of it. */
export function findDamage(path: string): string | null {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    const verdict = String(db.pragma('integrity_check(1)', { simple: true }));
    return verdict === 'ok' ? null : verdict.split('\n').join(' ');
  } catch (error) {
    if (error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(error.code)) return error.code;
    throw error;
  } finally {
    db?.close();
  }
}

export function beforeSchema(version: number): string {
  return `${beforeMigration.slice(1)}${version}`;
}

function newestEntry(path: string): number {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare<[], number>('SELECT coalesce(max(sequence), 0) FROM audit').pluck().get() ?? 0;
  } finally {
    db.close();
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
