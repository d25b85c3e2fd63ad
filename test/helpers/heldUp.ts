/** @file A store that answers nobody for a while, as on a disk that is busy: another program writes to the file. And what it has kept since. */
import { DatabaseSync } from 'node:sqlite';
import { workspacePaths } from '../../src/main/store/paths.ts';

export function holdUp(workspace: string): { release: () => void } {
  const db = new DatabaseSync(workspacePaths(workspace).database);
  db.exec('BEGIN IMMEDIATE');
  return {
    release: () => {
      db.exec('ROLLBACK');
      db.close();
    },
  };
}

export function standingVerdicts(workspace: string): number {
  const db = new DatabaseSync(workspacePaths(workspace).database, { readOnly: true });
  const row = db.prepare('SELECT count(*) AS given FROM standing_verdict').get();
  db.close();
  return Number(row?.['given']);
}
