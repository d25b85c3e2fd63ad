/** @file `surprisal watch` as a process: alerts as they are raised, clean ends, and a kill at any moment that neither loses nor repeats a line. */
import { once } from 'node:events';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { jsonLines, runMain, startCli } from '../helpers/cli.ts';
import { importLog, openApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { rogueLines } from '../helpers/office.ts';
import { linesOf, until } from './tables.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let learned: Learned;
beforeAll(async () => {
  learned = await learnOffice();
});
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(...args: string[]): { child: ChildProcess; stdout: () => string; stderr: () => string } {
  const child = startCli(args);
  children.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return { child, stdout: () => stdout, stderr: () => stderr };
}

test('an alert is a JSON line as it is raised; SIGINT ends it with 0, and the same command goes on where it stopped', async () => {
  const workspace = await learned.copy();
  const path = join(testFolder(), 'growing.log');
  writeFileSync(path, `${learned.quiet.lines.slice(0, 60).join('\n')}\n`);
  const first = start('watch', '--workspace', workspace, '--input', path);
  appendFileSync(path, `${rogueLines[0]}\n`);
  await until(() => Promise.resolve(first.stdout().includes('rogued')));
  first.child.kill('SIGINT');
  expect(await once(first.child, 'close')).toEqual([0, null]);
  expect(jsonLines(first.stdout()).map(({ state, lineNumber }) => [state, lineNumber])).toContainEqual(['open', 61]);
  // Later than the cooldown, or the first alert would count it.
  appendFileSync(path, `${rogueLines[1]?.replace('03:12', '03:32')}\n`);
  const second = start('watch', '--workspace', workspace, '--input', path);
  await until(() => Promise.resolve(second.stdout().includes('rogued')));
  second.child.kill('SIGTERM');
  expect(await once(second.child, 'close')).toEqual([0, null]);
  expect(jsonLines(second.stdout()).map(({ lineNumber }) => lineNumber)).toEqual([62]);
}, 60_000);

test('a file that cannot be read any more is named once, and watched on until it can', async () => {
  const workspace = await learned.copy();
  const path = join(testFolder(), 'growing.log');
  writeFileSync(path, `${learned.quiet.lines.slice(0, 60).join('\n')}\n${rogueLines[0]}\n`);
  const { child, stdout, stderr } = start('watch', '--workspace', workspace, '--input', path);
  await until(() => Promise.resolve(stdout().includes('rogued')));
  rmSync(path);
  mkdirSync(path);
  const times = (text: string): number => stderr().split(text).length - 1;
  const failure = `${path} is a folder. Watching goes on, and tries it again.`;
  await until(() => Promise.resolve(times(failure) > 0));
  // Said again where every look said it.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  rmSync(path, { recursive: true });
  writeFileSync(path, `${rogueLines[1]?.replace('03:12', '03:32')}\n`);
  await until(() => Promise.resolve(times(`No longer so: ${path} is a folder.`) > 0));
  await until(() => Promise.resolve(jsonLines(stdout()).length > 1));
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(times(failure)).toBe(1);
}, 60_000);

test('standard input is followed to its end, its last line without one', async () => {
  const workspace = await learned.copy();
  const child = spawn(process.execPath, ['scripts/surprisal.mjs', 'watch', '--workspace', workspace, '--input', '-'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stdin.end(`${learned.quiet.lines.slice(0, 60).join('\n')}\n${rogueLines[0]}`);
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(jsonLines(stdout).map(({ lineNumber }) => lineNumber)).toContain(61);
}, 60_000);

test('without a model, for a pattern without a folder, and for a file named twice it says so', async () => {
  const path = join(testFolder(), 'a.log');
  writeFileSync(path, 'one\n');
  const workspace = join(testFolder(), 'workspace');
  await (await openApp(workspace)).close();
  const none = await runMain('watch', '--workspace', workspace, '--input', path);
  expect([none.status, none.stderr]).toEqual([3, expect.stringContaining('No model is in use yet')]);
  const twice = await runMain('watch', '--workspace', workspace, '--input', path, path);
  expect([twice.status, twice.stderr]).toEqual([2, expect.stringContaining('names a file twice')]);
  const copy = await learned.copy();
  const pattern = await runMain('watch', '--workspace', copy, '--input', path, '--pattern', '*.log');
  expect([pattern.status, pattern.stderr]).toEqual([3, expect.stringContaining('is no folder')]);
}, 60_000);

test('killed again and again while lines come: each is there once, in order, and scored once', async () => {
  const workspace = await learned.copy();
  const path = join(testFolder(), 'growing.log');
  const stamp = (line = ''): string => line.slice(0, 'Sep 10 03:11:00'.length);
  const rogue = (rogueLines[0] ?? '').replace(stamp(rogueLines[0]), stamp(learned.watched.lines[0]));
  const lines = [rogue, ...learned.watched.lines];
  writeFileSync(path, `${rogue}\n`);
  // However slowly it starts: from here on it is followed.
  const first = start('watch', '--workspace', workspace, '--input', path);
  await until(() => Promise.resolve(first.stdout().includes('rogued')), 60_000);
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  let written = 1;
  const writing = setInterval(() => {
    const text = `${lines.slice(written, written + 7).join('\n')}\n`;
    appendFileSync(path, text.slice(0, 100));
    appendFileSync(path, text.slice(100));
    written = Math.min(lines.length, written + 7);
    if (written === lines.length) clearInterval(writing);
  }, 50);
  for (const delayMs of [1800, 2300, 1500]) {
    const { child } = start('watch', '--workspace', workspace, '--input', path);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  await until(() => Promise.resolve(written === lines.length));
  const app = await openApp(workspace);
  const growing = async () => (await app.ask('sources.list', {})).find(({ name }) => name === 'growing.log');
  await until(async () => (await growing())?.eventCount === lines.length, 60_000);
  const { store } = app.app.parts.services;
  await until(async () =>
    (await store.call('list_follows', undefined)).every((one) => one.scoredEventId === one.lastEventId),
  );
  const source = await growing();
  expect(await linesOf(app, source?.id ?? 0)).toEqual(lines);
  const whole = await openApp(join(testFolder(), 'workspace'));
  await importLog(whole, path);
  const [imported] = await whole.ask('sources.list', {});
  await whole.close();
  const { lineCount, plainCount, blankCount, sessionCount, sizeBytes } = imported ?? {};
  expect(source).toMatchObject({ lineCount, plainCount, blankCount, sessionCount, sizeBytes });
  await app.close();
}, 180_000);
