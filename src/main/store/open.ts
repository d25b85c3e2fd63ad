/** @file Opens a workspace folder: holds it, refuses what it must, migrates, recovers, and hands out the methods. Runs in any thread. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/port.ts';
import { prepareAudit } from './audit.ts';
import { backUp, beforeSchema, listBackups } from './backup.ts';
import { coded } from './coded.ts';
import { openConnection, peekVersion } from './connection.ts';
import { storageFailure } from './failures.ts';
import { holdWorkspace } from './lock.ts';
import type { OpenMethods } from './methods.ts';
import { createMethods } from './methods.ts';
import type { Migration } from './migrate.ts';
import { migrate, newestVersion, refuseNewer } from './migrate.ts';
import { migrations as allMigrations } from './migrations/all.ts';
import type { WorkspacePaths } from './paths.ts';
import { workspacePaths } from './paths.ts';
import type { OpenInput, OpenOutput } from './protocol/workspace.ts';
import { recoverImports } from './recovery.ts';
import { finishRestore } from './restore.ts';
import { prepareSettings } from './settings.ts';
import type { Connection } from './statements.ts';
import { inTransaction } from './statements.ts';

export type Store = {
  readonly opened: OpenOutput;
  /** Fail with coded errors only where the storage fails; what they throw otherwise is a bug. */
  readonly methods: Handlers<OpenMethods>;
  close(): void;
};

/** Writes who this workspace is, if it is new. */
function found(db: Connection, input: OpenInput): void {
  inTransaction(db, () => {
    const { changes } = db
      .prepare<[string, Uint8Array, number]>(
        `INSERT INTO workspace (id, hash_key, created_at) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM workspace)`,
      )
      .run(input.newWorkspaceId, input.newHashKey, input.now);
    if (changes === 0) return;
    const set = db.prepare<[string, string]>('INSERT INTO setting (key, value) VALUES (?, ?)');
    set.run('name', JSON.stringify(basename(input.directory)));
    set.run('analyst', JSON.stringify(input.userName));
    prepareAudit(db).append({
      action: 'workspace.created',
      subject: input.newWorkspaceId,
      details: { appVersion: input.appVersion },
      actor: { analyst: input.userName, at: input.now },
    });
  });
}

/** A database that went while its backups stayed must not become an empty workspace without a word. */
function refuseLost(paths: WorkspacePaths): void {
  const size = statSync(paths.database, { throwIfNoEntry: false })?.size ?? 0;
  if (size > 0 || listBackups(paths).length === 0) return;
  throw new AppError(
    'STORE_CORRUPT',
    `The database ${paths.database} is ${existsSync(paths.database) ? 'empty' : 'gone'}, but backups of it are in ${paths.backups}. Go back to the last one; to begin anew, choose another folder.`,
  );
}

function backUpFirst(paths: WorkspacePaths, schema: number, now: number): string {
  const outcome = backUp(paths, { now, label: beforeSchema(schema), mostAttachedBytes: 0 });
  if (outcome.made) return outcome.made.path;
  throw new AppError(
    'STORE_FULL',
    `The workspace ${paths.directory} was written by an older version of Surprisal and is backed up before it is brought up to date. That takes ${megabytes(outcome.neededBytes)} MB, and ${megabytes(outcome.freeBytes)} MB are free on its disk. Free some space and try again; nothing was changed.`,
  );
}

const megabytes = (bytes: number): string => Math.ceil(bytes / 1e6).toLocaleString('en');

function openDatabase(
  input: OpenInput,
  paths: WorkspacePaths,
  migrations: readonly Migration[],
): { db: Connection; backupPath: string | null } {
  refuseLost(paths);
  const version = peekVersion(paths.database);
  refuseNewer(version, migrations, paths.directory);
  const newest = newestVersion(migrations);
  const backupPath = version > 0 && version < newest ? backUpFirst(paths, newest, input.now) : null;
  const db = openConnection(paths.database);
  try {
    migrate(db, migrations);
    return { db, backupPath };
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Opens the workspace for this process alone until `close`.
 * Throws WORKSPACE_IN_USE, WORKSPACE_NEWER, BAD_INPUT (a database of another program), STORE_CORRUPT, STORE_FULL, STORE_READONLY.
 */
// oxlint-disable-next-line require-await
export async function openStore(input: OpenInput, migrations: readonly Migration[] = allMigrations): Promise<Store> {
  const paths = workspacePaths(input.directory);
  let lock: { release: () => void } | undefined;
  let db: Connection | undefined;
  try {
    for (const directory of [paths.directory, paths.backups, paths.models]) {
      if (!existsSync(directory)) mkdirSync(directory, { recursive: true });
    }
    lock = holdWorkspace(paths);
    finishRestore(paths); // one that a crash cut off
    const { db: opened, backupPath } = openDatabase(input, paths, migrations);
    db = opened;
    found(db, input);
    const audit = prepareAudit(db);
    const settings = prepareSettings(db, audit);
    const analyst = settings.text('analyst');
    recoverImports(db, audit, { analyst, at: input.now });
    const workspace = db.prepare<[], { id: string; hash_key: Uint8Array }>('SELECT id, hash_key FROM workspace').get();
    if (!workspace) throw new Error('The workspace has no identity.');
    const held = { db, lock };
    const [newestBackup] = listBackups(paths);
    return {
      opened: {
        workspaceId: workspace.id,
        name: settings.text('name'),
        analyst,
        hashKey: new Uint8Array(workspace.hash_key),
        backupPath,
        newestBackup: newestBackup ?? null,
      },
      methods: coded(createMethods(db), paths),
      close: () => {
        held.db.close();
        held.lock.release();
      },
    };
  } catch (error) {
    db?.close();
    lock?.release();
    throw storageFailure(error, paths, 'opening');
  }
}
