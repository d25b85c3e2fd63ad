/**
 * @file Contents of attachments beside the backups of the database: each once, under its hash, as long as a kept backup names it. A content never
 * changes, so what is there is not copied again.
 */
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type { WorkspacePaths } from './paths.ts';

/** Of contents that a backup names and that are not beside it: too large for the disk, or for the moment. */
export type LackingContents = { count: number; neededBytes: number; freeBytes: number };

const chunkBytes = 1 << 20;
const unfinishedEnding = '.unfinished';
const namePattern = /^[0-9a-f]{64}$/;

/** What is kept of attachments. */
export function backedUpAttachments(paths: WorkspacePaths): string {
  return join(paths.backups, 'attachments');
}

/**
 * Copies what the newest backup names, and lets go of what none of `backups` (paths of databases) does. `mostBytes`: what is left for another time is
 * told as lacking; so is what would leave less free than it takes.
 */
export function backUpContents(
  paths: WorkspacePaths,
  backups: readonly string[],
  mostBytes = Infinity,
): LackingContents | null {
  const [newest] = backups;
  const folder = backedUpAttachments(paths);
  const wanted = newest === undefined ? new Map<string, number>() : contentsOf(newest);
  if (wanted.size === 0 && !existsSync(folder)) return null;
  mkdirSync(folder, { recursive: true });
  const kept = new Set(backups.flatMap((backup) => [...contentsOf(backup).keys()]));
  for (const name of readdirSync(folder)) {
    if (!namePattern.test(name) || !kept.has(name)) rmSync(join(folder, name), { force: true });
  }
  const lacking: LackingContents = { count: 0, neededBytes: 0, freeBytes: freeBytesOf(folder) };
  let leftBytes = mostBytes;
  for (const [sha256, sizeBytes] of wanted) {
    const target = join(folder, sha256);
    if (sizeOf(target) === sizeBytes) continue;
    const source = join(paths.attachments, sha256);
    // One that is gone, or was changed, is told where the case is; there is nothing to keep of it.
    if (sizeOf(source) !== sizeBytes) continue;
    const isRoom = freeBytesOf(folder) >= 2 * sizeBytes;
    if (sizeBytes > leftBytes || !isRoom || !copied(source, target, sha256)) {
      lacking.count++;
      lacking.neededBytes += 2 * sizeBytes;
      continue;
    }
    leftBytes -= sizeBytes;
  }
  return lacking.count > 0 ? { ...lacking, freeBytes: freeBytesOf(folder) } : null;
}

/** Puts back what the database at `database` names, is not in the workspace, and is beside the backups. Gives how many. */
export function restoreContents(paths: WorkspacePaths, database: string): number {
  let restored = 0;
  for (const [sha256, sizeBytes] of contentsOf(database)) {
    const target = join(paths.attachments, sha256);
    const source = join(backedUpAttachments(paths), sha256);
    if (sizeOf(target) === sizeBytes || sizeOf(source) !== sizeBytes) continue;
    mkdirSync(paths.attachments, { recursive: true });
    if (copyContent(source, target, sha256)) restored++;
  }
  return restored;
}

/** False where the disk is full after all. */
function copied(source: string, target: string, sha256: string): boolean {
  try {
    copyContent(source, target, sha256);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return false;
    throw error;
  }
}

/** There whole and with its hash, or not at all. */
function copyContent(source: string, target: string, sha256: string): boolean {
  const part = `${target}${unfinishedEnding}`;
  try {
    // Where the file system can, the copy shares what it was made of until one of them changes.
    copyFileSync(source, part, constants.COPYFILE_FICLONE);
    if (hashOf(part) !== sha256) return false;
    renameSync(part, target);
    return true;
  } finally {
    rmSync(part, { force: true });
  }
}

function hashOf(path: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const handle = openSync(path, 'r+');
  try {
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk))
      hash.update(chunk.subarray(0, read));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return hash.digest('hex');
}

/** Sizes by hash. A backup from before there were attachments has none. */
function contentsOf(database: string): Map<string, number> {
  const db = new Database(database, { readonly: true, fileMustExist: true });
  try {
    const rows = db
      .prepare<[], { sha256: string; sizeBytes: number }>(
        'SELECT DISTINCT sha256, size_bytes AS sizeBytes FROM attachment ORDER BY sha256',
      )
      .all();
    return new Map(rows.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
  } catch (error) {
    if (error instanceof Database.SqliteError && error.message.includes('no such table')) return new Map();
    throw error;
  } finally {
    db.close();
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
