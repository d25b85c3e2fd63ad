/** @file Commands about a workspace's own files. Catches an audit that passes after a byte was changed, and a restoring that nobody agreed to. */
import Database from 'better-sqlite3';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { openApp } from '../helpers/app.ts';
import { runMain } from '../helpers/cli.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';

let learned: Learned;
let workspace: string;
const database = (): string => join(workspace, 'surprisal.db');

beforeAll(async () => {
  learned = await learnOffice();
});
beforeEach(async () => {
  workspace = await learned.copy();
});

it('verify-audit: a sound one is told with its head, also while the app has it open, and nothing is written', async () => {
  const before = readFileSync(database());
  const sound = await runMain('verify-audit', '--workspace', workspace);
  expect(sound).toMatchObject({ status: 0, stderr: '' });
  const [report] = sound.json();
  expect(report).toMatchObject({ brokenAt: null, finding: null, backups: [{ agrees: true }] });
  expect(readFileSync(database()).equals(before)).toBe(true);
  const app = await openApp(workspace);
  const head = String(report?.['head']);
  expect(await runMain('verify-audit', '--workspace', workspace, '--head', head)).toMatchObject({ status: 0 });
  await app.close();
});

it('verify-audit: one byte changed in the file is status 3 and the entry', async () => {
  const db = new Database(database());
  const details = db.prepare<[], string>('SELECT details FROM audit WHERE sequence = 4').pluck().get() ?? '';
  const analyst = db.prepare<[], string>('SELECT analyst FROM audit WHERE sequence = 4').pluck().get() ?? '';
  db.close();
  const bytes = readFileSync(database());
  const entry = bytes.indexOf(`${analyst}source.`);
  expect([details.length > 1, entry > 0]).toEqual([true, true]);
  bytes[entry] = (bytes[entry] ?? 0) ^ 1;
  writeFileSync(database(), bytes);
  const found = await runMain('verify-audit', '--workspace', workspace);
  expect(found.status).toBe(3);
  expect(found.json()[0]?.['brokenAt']).toBeGreaterThan(1);
  expect(found.stderr).toMatch(/The audit of .* is broken at entry \d+\./);
});

it('restore: without --yes it says what it would do and changes nothing, with it the database is back', async () => {
  const ruined = Buffer.from('no database '.repeat(800));
  writeFileSync(database(), ruined);
  expect(await runMain('alerts', '--workspace', workspace)).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/is damaged .*surprisal restore/) as string,
  });
  const asked = await runMain('restore', '--workspace', workspace);
  expect(asked.status).toBe(0);
  expect(asked.stderr).toMatch(/would go back to the backup of .*add --yes/);
  expect(asked.json()).toMatchObject([{ restored: false, contents: { logs: 1 }, lacks: null }]);
  expect(readFileSync(database()).equals(ruined)).toBe(true);

  const done = await runMain('restore', '--workspace', workspace, '--yes');
  expect(done).toMatchObject({ status: 0, stderr: '' });
  const keptAs = String(done.json()[0]?.['keptAs']);
  expect(readFileSync(keptAs).equals(ruined)).toBe(true);
  expect(await runMain('alerts', '--workspace', workspace)).toMatchObject({ status: 0 });
  expect(await runMain('verify-audit', '--workspace', workspace)).toMatchObject({ status: 0 });
});

it('restore: a workspace that the app has open is refused, and a folder without backups is left as it is', async () => {
  const app = await openApp(workspace);
  const held = await runMain('restore', '--workspace', workspace, '--yes');
  await app.close();
  expect(held).toMatchObject({ status: 3, stderr: expect.stringMatching(/another Surprisal/) as string });
  const folder = testFolder();
  const none = await runMain('restore', '--workspace', join(folder, 'none'), '--yes');
  expect(none).toMatchObject({ status: 3, stderr: expect.stringMatching(/no sound backup/) as string });
  expect([readdirSync(folder), existsSync(database())]).toEqual([[], true]);
});
