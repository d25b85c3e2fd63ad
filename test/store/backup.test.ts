/** @file Backups and the way back to them. Catches a copy that counts without being sound, one too many, and a restoring that loses either side. */
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp, backupsToKeep, findDamage, listBackups } from '../../src/main/store/backup.ts';
import { openStore } from '../../src/main/store/open.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { findOffer, finishRestore, restoreBackup } from '../../src/main/store/restore.ts';
import { openTestStore, seededStore, temporaryDirectory } from './helpers.ts';
import { actor, alertOf, day, importLines, now, openInput } from './rows.ts';

const hour = 3_600_000;

async function verdictOn(store: Awaited<ReturnType<typeof seededStore>>, alert: number): Promise<void> {
  await store.ask('give_verdict', {
    verdictId: `verdict-${alert}`,
    alertId: `alert-${alert}`,
    value: 'true_positive',
    note: '',
    analyst: actor.analyst,
    givenAt: now,
    foldExpiresAt: null,
    folds: false,
    minScore: 0,
  });
}

/** A workspace with a backup after one verdict and a second verdict after it; closed. */
async function backedUp(): Promise<string> {
  const store = await seededStore([alertOf(1), alertOf(2), alertOf(3)]);
  await verdictOn(store, 1);
  backUp(workspacePaths(store.directory), { now });
  await verdictOn(store, 2);
  store.close();
  return store.directory;
}

const ruin = (path: string): void => writeFileSync(path, 'no database at all '.repeat(500));

test('a copy made while the store is open is sound, whole, and holds what was committed', async () => {
  const store = await seededStore([alertOf(1)]);
  const paths = workspacePaths(store.directory);
  const outcome = backUp(paths, { now });
  await importLines(store, [{ raw: 'written while the copy is there' }]);
  expect(outcome.made).toMatchObject({ madeAt: now, sequence: 5 });
  const [backup] = listBackups(paths);
  expect(backup).toEqual(outcome.made);
  expect(findDamage(backup?.path ?? '')).toBeNull();
  expect(findOffer(paths)?.contents).toMatchObject({ logs: 1, events: 20, alerts: 1, verdicts: 0, models: 1 });
  // One file: nothing beside it is needed to read it, also from a medium that cannot be written.
  expect(readdirSync(paths.backups)).toEqual([backup?.name]);
  expect([...readFileSync(backup?.path ?? '').subarray(18, 20)]).toEqual([1, 1]);
});

test('a copy of a damaged database does not count, and those before it stay', async () => {
  const store = await seededStore([alertOf(1)], 4000);
  const paths = workspacePaths(store.directory);
  backUp(paths, { now });
  store.close();
  const bytes = readFileSync(paths.database);
  bytes.fill(0xee, bytes.length >> 1, (bytes.length >> 1) + 20 * 4096);
  writeFileSync(paths.database, bytes);
  expect(() => backUp(paths, { now: now + day })).toThrow(/not sound|malformed/);
  expect(listBackups(paths)).toHaveLength(1);
  expect(readdirSync(paths.backups)).toHaveLength(1);
});

test('what a killed backup left is no backup and goes with the next', async () => {
  const store = await openTestStore();
  const paths = workspacePaths(store.directory);
  writeFileSync(join(paths.backups, 'unfinished'), 'half');
  expect(listBackups(paths)).toEqual([]);
  backUp(paths, { now });
  expect(readdirSync(paths.backups)).toEqual([listBackups(paths)[0]?.name]);
});

test('over weeks of backups three are kept: the newest, one of another day, one of another week', () => {
  let kept: { name: string; madeAt: number }[] = [];
  for (let at = now; at < now + 40 * day; at += 5 * hour) {
    const all = [{ name: `${at}`, madeAt: at }, ...kept];
    const keep = backupsToKeep(all);
    kept = all.filter((backup) => keep.has(backup));
    expect(kept.length).toBeLessThanOrEqual(3);
    expect(kept[0]?.madeAt).toBe(at);
    if (at > now + 2 * day) expect(at - (kept[1]?.madeAt ?? 0)).toBeLessThanOrEqual(2 * day);
    if (at > now + 15 * day) expect(at - (kept.at(-1)?.madeAt ?? 0)).toBeLessThanOrEqual(8 * day);
  }
});

test('whatever the clock did, the newest is kept and never more than four', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 60 * day }), fc.boolean()), { minLength: 1 }), (made) => {
      const all = made.map(([madeAt, isMigration], row) => ({
        name: `${row}${isMigration ? '-before-schema-20' : ''}`,
        madeAt,
      }));
      const kept = backupsToKeep(all);
      const [newest] = all;
      expect(newest && kept.has(newest)).toBe(true);
      expect(kept.size).toBeLessThanOrEqual(4);
    }),
  );
});

test('a clock set back changes no order: the last backup made is the newest', async () => {
  const store = await seededStore([alertOf(1), alertOf(2)]);
  const paths = workspacePaths(store.directory);
  backUp(paths, { now });
  await verdictOn(store, 1);
  backUp(paths, { now: now - 300 * day });
  expect(listBackups(paths)[0]?.madeAt).toBe(now - 300 * day);
  store.close();
  expect((await openStore(openInput(store.directory)).then(closed)).newestBackup?.madeAt).toBe(now - 300 * day);
});

async function closed(store: Awaited<ReturnType<typeof openStore>>): Promise<(typeof store)['opened']> {
  await Promise.resolve(store.close());
  return store.opened;
}

test('a damaged database is replaced by the backup, kept beside it, and what the backup lacks was said', async () => {
  const directory = await backedUp();
  const paths = workspacePaths(directory);
  const bytes = readFileSync(paths.database);
  const offer = findOffer(paths);
  expect(offer).toMatchObject({ contents: { verdicts: 1, alerts: 3 }, lacks: { verdicts: 1, logs: 0, cases: 0 } });

  ruin(paths.database);
  await expect(openStore(openInput(directory))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  expect(findOffer(paths)).toMatchObject({ contents: { verdicts: 1 }, lacks: null });
  const ruined = readFileSync(paths.database);
  const { keptAs } = restoreBackup(paths, { name: offer?.name ?? '', now: now + day, analyst: 'p.adler' });
  expect(keptAs && readFileSync(keptAs).equals(ruined)).toBe(true);
  expect(ruined.equals(bytes)).toBe(false);

  const store = await openTestStore(directory);
  expect(await store.ask('alert_counts', { minScore: 0 })).toMatchObject({ open: 2, decided: 1, folded: 0 });
  expect(await store.ask('verify_audit', undefined)).toMatchObject({ brokenAt: null });
  const db = new Database(paths.database, { readonly: true });
  expect(db.prepare('SELECT action, analyst FROM audit ORDER BY sequence DESC').get()).toEqual({
    action: 'workspace.restored',
    analyst: 'p.adler',
  });
  db.close();
});

test('the log of the damaged database is not applied to the restored one', async () => {
  const directory = await backedUp();
  const paths = workspacePaths(directory);
  const [backup] = listBackups(paths);
  // A log that belongs to the damaged file, as a crash leaves it.
  const live = new Database(paths.database);
  live.pragma('wal_autocheckpoint = 0');
  live.exec('DELETE FROM case_alert; DELETE FROM folded_alert; DELETE FROM alert');
  const log = readFileSync(`${paths.database}-wal`);
  live.close();
  ruin(paths.database);
  writeFileSync(`${paths.database}-wal`, log);
  const { keptAs } = restoreBackup(paths, { name: backup?.name ?? '', now, analyst: 'x' });
  expect(readFileSync(`${keptAs}-wal`).equals(log)).toBe(true);
  const store = await openTestStore(directory);
  expect((await store.ask('alert_counts', { minScore: 0 })).open).toBe(2);
});

test('a restoring that was killed between two renames is finished by the next start', async () => {
  const directory = await backedUp();
  const paths = workspacePaths(directory);
  const [backup] = listBackups(paths);
  ruin(paths.database);
  restoreBackup(paths, { name: backup?.name ?? '', now, analyst: 'x' });
  // As it is just before the last rename: the damaged one is away, the restored one not yet in its place.
  renameSync(paths.database, join(directory, 'restoring-20261120T130000Z.db'));
  const store = await openTestStore(directory);
  expect((await store.ask('alert_counts', { minScore: 0 })).decided).toBe(1);
  expect(finishRestore(paths)).toEqual({ keptAs: null });
});

test('a backup that rotted is passed over for the one before it, and none is offered where none is sound', async () => {
  const store = await seededStore([alertOf(1), alertOf(2)]);
  const paths = workspacePaths(store.directory);
  backUp(paths, { now });
  await verdictOn(store, 1);
  backUp(paths, { now: now + day });
  store.close();
  const [newest, older] = listBackups(paths);
  truncateSync(newest?.path ?? '', 20_000);
  rmSync(paths.database);
  const refusal = { code: 'STORE_CORRUPT', message: expect.stringMatching(/is gone, but backups of it are in/) };
  await expect(openStore(openInput(store.directory))).rejects.toMatchObject(refusal);
  expect(existsSync(paths.database)).toBe(false);
  expect(findOffer(paths)?.name).toBe(older?.name);
  expect(() => restoreBackup(paths, { name: newest?.name ?? '', now, analyst: 'x' })).toThrow(/no longer the newest/);
  restoreBackup(paths, { name: older?.name ?? '', now: now + day, analyst: 'x' });
  const again = await openStore(openInput(store.directory)).then(closed);
  // The rotten one is out of the way: it must not pass for the newest again.
  expect(again.newestBackup?.name).toBe(older?.name);
  for (const { path } of listBackups(paths)) ruin(path);
  expect(findOffer(paths)).toBeNull();
});

test('a workspace that is open is not restored under the feet of the one who has it', async () => {
  const store = await seededStore([alertOf(1)]);
  const paths = workspacePaths(store.directory);
  backUp(paths, { now });
  const name = listBackups(paths)[0]?.name ?? '';
  expect(() => restoreBackup(paths, { name, now, analyst: 'x' })).toThrow(/open in another Surprisal/);
});

test('a folder without backups offers none', () => {
  expect(findOffer(workspacePaths(temporaryDirectory()))).toBeNull();
});
