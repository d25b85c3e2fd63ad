/** @file The audit of a workspace, checked from outside: the chain, its sealed head, every backup, and a head that somebody wrote down. Reads only. */
import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { AppError } from '../../shared/errors.ts';
import { prepareAudit } from './audit.ts';
import { headText, type AuditHead } from './auditHead.ts';
import { listBackups } from './backup.ts';
import { peekVersion } from './connection.ts';
import { storageFailure } from './failures.ts';
import { newestVersion, refuseNewer } from './migrate.ts';
import { migrations } from './migrations/all.ts';
import type { WorkspacePaths } from './paths.ts';
import type { AuditReport } from './protocol/workspace.ts';
import type { Connection } from './statements.ts';

/** `expected`: a head as a report or this command named it. Works on a workspace that is open elsewhere, too. */
export async function verifyAudit(paths: WorkspacePaths, expected: string | null): Promise<AuditReport> {
  if (!existsSync(paths.database)) throw new AppError('NOT_FOUND', `There is no workspace in ${paths.directory}.`);
  let db: Connection | undefined;
  try {
    const version = peekVersion(paths.database);
    refuseNewer(version, migrations, paths.directory);
    if (version < newestVersion(migrations)) {
      throw new AppError(
        'BAD_INPUT',
        `The workspace ${paths.directory} was written by an older version of Surprisal, which sealed no head. Open it once with this version.`,
      );
    }
    // Before the chain: what is backed up while that is read ends behind it.
    const backups = listBackups(paths).map(({ name, path }) => ({ name, text: headOf(path) }));
    db = new Database(paths.database, { readonly: true, fileMustExist: true });
    db.exec('BEGIN'); // one moment's state: whoever has it open goes on writing
    const { count, brokenAt, head } = await prepareAudit(db).verify();
    const report: AuditReport = { count, head, brokenAt, finding: null, backups: [] };
    if (brokenAt !== null) report.finding = `Entry ${brokenAt} is not what was written, or is missing.`;
    const hashAt = db.prepare<[number], Uint8Array>('SELECT hash FROM audit WHERE sequence = ?').pluck();
    const has = (text: string): boolean => {
      const sequence = Number(text.split(':')[0]);
      const hash = hashAt.get(sequence);
      return hash !== undefined && headText({ sequence, hash }) === text;
    };
    const miss = (text: string, where: string): void => {
      const sequence = Number(text.split(':')[0]);
      report.finding ??= `${where} ends at entry ${sequence} with a hash that this chain does not have there: entries up to it were changed or taken away.`;
      report.brokenAt ??= Math.min(sequence, count + 1);
    };
    for (const { name, text } of backups) {
      if (text === null) continue; // not readable: a restoring says so
      const agrees = has(text);
      report.backups.push({ name, agrees });
      if (!agrees) miss(text, `The backup ${name}`);
    }
    if (expected !== null && !has(expected)) miss(expected, 'The head that was given');
    return report;
  } catch (error) {
    throw storageFailure(error, paths);
  } finally {
    db?.close();
  }
}

function headOf(path: string): string | null {
  let db: Connection | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    const end = db.prepare<[], AuditHead>('SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1').get();
    return end ? headText(end) : null;
  } catch (error) {
    if (error instanceof Database.SqliteError) return null;
    throw error;
  } finally {
    db?.close();
  }
}
