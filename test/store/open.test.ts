/** @file Opening a workspace: once at a time, never a newer or a foreign one, and with a way back where it is damaged. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { storageFailure } from '../../src/main/store/failures.ts';
import { openStore } from '../../src/main/store/open.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { openTestStore, temporaryDirectory } from './helpers.ts';
import { actor, importLines, openInput } from './rows.ts';

test('who a workspace is does not change when it is opened again', async () => {
  const store = await openTestStore();
  await store.ask('set_setting', { key: 'analyst', value: 'p.adler', actor });
  await store.ask('set_setting', { key: 'budget', value: { alerts: 20, per: 'day' }, actor });
  store.close();
  const again = await openStore({
    ...openInput(store.directory),
    newWorkspaceId: 'other',
    newHashKey: new Uint8Array(32),
    userName: 'other',
  });
  expect(again.opened).toEqual({ ...store.opened, analyst: 'p.adler' });
  again.close();
  const third = await openTestStore(store.directory);
  expect(await third.ask('get_setting', { key: 'budget' })).toEqual({ alerts: 20, per: 'day' });
  expect(await third.ask('get_setting', { key: 'unknown' })).toBeNull();
});

test('each pragma is what its reason needs', async () => {
  const store = await openTestStore();
  store.close();
  const { openConnection } = await import('../../src/main/store/connection.ts');
  const db = openConnection(workspacePaths(store.directory).database);
  const read = (name: string): unknown => db.pragma(name, { simple: true });
  expect(
    ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'temp_store', 'secure_delete'].map(read),
  ).toEqual(['wal', 2, 1, 5000, 2, 1]);
  db.close();
});

test('a second opener is told who has it, in this process and in another', async () => {
  const store = await openTestStore();
  const refusal = { code: 'WORKSPACE_IN_USE', message: expect.stringContaining(store.directory) };
  await expect(openStore(openInput(store.directory))).rejects.toMatchObject(refusal);
  store.close();

  const child = spawn(process.execPath, [join(import.meta.dirname, 'child.ts'), store.directory, 'hold']);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await expect(openStore(openInput(store.directory))).rejects.toMatchObject(refusal);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  await openTestStore(store.directory); // the system let go of it
});

test('a newer database is refused and left as it is, byte for byte', async () => {
  const store = await openTestStore();
  await importLines(store, [{ raw: 'a line' }]);
  store.close();
  const { database } = workspacePaths(store.directory);
  const db = new Database(database);
  db.pragma('user_version = 9990');
  db.close();
  const before = readFileSync(database);
  await expect(openStore(openInput(store.directory))).rejects.toMatchObject({
    code: 'WORKSPACE_NEWER',
    message: expect.stringMatching(/schema is 9990.*Open it with the newer version/),
  });
  expect(readFileSync(database).equals(before)).toBe(true);
  expect(readdirSync(workspacePaths(store.directory).backups)).toEqual([]);
});

test("another program's database is refused", async () => {
  const directory = temporaryDirectory();
  const db = new Database(workspacePaths(directory).database);
  db.exec('CREATE TABLE t (a)');
  db.close();
  await expect(openStore(openInput(directory))).rejects.toMatchObject({ code: 'BAD_INPUT' });
});

test('a damaged file is named, and so is where the backups are', async () => {
  const store = await openTestStore();
  store.close();
  const paths = workspacePaths(store.directory);
  const refusal = { code: 'STORE_CORRUPT', message: expect.stringContaining(paths.database) };
  writeFileSync(paths.database, 'this is no database, it is a text of more than one hundred bytes, '.repeat(40));
  await expect(openStore(openInput(store.directory))).rejects.toMatchObject(refusal);
  await expect(openStore(openInput(store.directory))).rejects.toThrow(paths.backups);
});

test('damage found later is coded too, and what is sound stays readable', async () => {
  const store = await openTestStore();
  const lines = Array.from({ length: 3000 }, (_, row) => ({ raw: `line ${row} ${'x'.repeat(200)}` }));
  const { sourceId } = await importLines(store, lines);
  store.close();
  const { database } = workspacePaths(store.directory);
  const bytes = readFileSync(database);
  bytes.fill(0xee, bytes.length >> 1, (bytes.length >> 1) + 40 * 4096);
  writeFileSync(database, bytes);
  const again = await openTestStore(store.directory);
  const read = async (): Promise<void> => {
    const input = { sourceId, afterLine: 0, limit: 3000, maxChars: 10 };
    await again.ask('read_lines', input);
    await again.ask('read_keys', { sourceId, afterEventId: 0, limit: 3000 });
  };
  await expect(read()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  expect(await again.ask('list_sources', undefined)).toHaveLength(1);
});

test('a folder that cannot be written is named', async () => {
  const directory = join(temporaryDirectory(), 'locked');
  mkdirSync(directory, { mode: 0o555 });
  chmodSync(join(directory, '..'), 0o755);
  // Root may write anywhere; the child is nobody then.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const child = spawn(process.execPath, [join(import.meta.dirname, 'child.ts'), directory, 'hold'], user);
  let output = '';
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  expect(output).toContain('STORE_READONLY');
  expect(output).toContain(directory);
});

test('a file in place of the folder is named as one', async () => {
  const directory = join(temporaryDirectory(), 'file');
  writeFileSync(directory, '');
  await expect(openStore(openInput(directory))).rejects.toMatchObject({ code: 'BAD_INPUT' });
});

test.each([
  ['SQLITE_CORRUPT_VTAB', 'STORE_CORRUPT'],
  ['SQLITE_NOTADB', 'STORE_CORRUPT'],
  ['SQLITE_FULL', 'STORE_FULL'],
  ['SQLITE_READONLY_DIRECTORY', 'STORE_READONLY'],
  ['SQLITE_CANTOPEN', 'STORE_READONLY'],
  ['SQLITE_BUSY_SNAPSHOT', 'WORKSPACE_IN_USE'],
  ['SQLITE_IOERR_FSYNC', 'INTERNAL'],
  ['SQLITE_CONSTRAINT_FOREIGNKEY', 'BAD_REQUEST'],
])('%s becomes %s', (code, expected) => {
  const failure = storageFailure(new Database.SqliteError('x', code), workspacePaths('/w'));
  expect(failure).toMatchObject({ name: 'AppError', code: expected });
});
