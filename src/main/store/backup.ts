/** @file A verified copy of the database in the workspace's backups folder. */
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Instant } from '../../shared/domain.ts';
import type { WorkspacePaths } from './paths.ts';
import type { Connection } from './statements.ts';

/** Writes `<stamp>-<label>.db` and gives its path only after the copy was read back whole. Throws STORE_CORRUPT when it was not. */
export async function backUp(db: Connection, paths: WorkspacePaths, label: string, now: Instant): Promise<string> {
  mkdirSync(paths.backups, { recursive: true });
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const stem = join(paths.backups, `${stamp}-${label}`);
  let path = `${stem}.db`;
  for (let attempt = 2; existsSync(path); attempt++) path = `${stem}-${attempt}.db`;
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  await db.backup(unfinished);
  const copy = new Database(unfinished);
  try {
    copy.pragma('journal_mode = DELETE'); // one file, without a journal beside it
    const verdict = copy.pragma('quick_check(1)', { simple: true });
    if (verdict !== 'ok') {
      throw new AppError(
        'STORE_CORRUPT',
        `The database ${paths.database} is damaged (${String(verdict)}); it was left as it is. Earlier backups are in ${paths.backups}.`,
      );
    }
  } finally {
    copy.close();
  }
  renameSync(unfinished, path);
  return path;
}
