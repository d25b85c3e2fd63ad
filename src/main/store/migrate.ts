/** @file Brings a database to the newest schema in one transaction; `user_version` is the number of the last migration applied. */
import { AppError } from '../../shared/errors.ts';
import type { Connection } from './statements.ts';

/** Versions go up in steps of 10, so that branches can put one in between. A migration once released is never edited. */
export type Migration = { version: number; apply: (db: Connection) => void };

export function schemaVersion(db: Connection): number {
  return db.pragma('user_version', { simple: true }) as number;
}

export function newestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

/** Throws WORKSPACE_NEWER when the database was written by a later version of the app. Reads only. */
export function refuseNewer(version: number, migrations: readonly Migration[], directory: string): void {
  const newest = newestVersion(migrations);
  if (version <= newest) return;
  throw new AppError(
    'WORKSPACE_NEWER',
    `The workspace ${directory} was written by a newer version of Surprisal (its schema is ${version}, this version knows up to ${newest}). ` +
      'It was left as it is. Open it with the newer version, or choose another folder.',
  );
}

/** Applies what is missing, all or nothing. Foreign keys are checked at the end instead of on the way, so that tables can be rebuilt. */
export function migrate(db: Connection, migrations: readonly Migration[]): void {
  const pending = migrations.filter(({ version }) => version > schemaVersion(db));
  if (pending.length === 0) return;
  db.pragma('foreign_keys = OFF'); // has no effect inside a transaction
  try {
    db.transaction(() => {
      for (const migration of pending) {
        migration.apply(db);
        db.pragma(`user_version = ${migration.version}`);
      }
      const broken = db.pragma('foreign_key_check') as unknown[];
      if (broken.length > 0) throw new Error(`Migration left ${broken.length} rows that refer to nothing.`);
    }).immediate();
  } finally {
    db.pragma('foreign_keys = ON');
  }
}
