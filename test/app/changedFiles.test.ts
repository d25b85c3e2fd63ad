/** @file Files that change under the reader. Catches a log that passes for whole, and a hash of other bytes than were read. */
import { createHash } from 'node:crypto';
import { appendFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { importLog, openApp, type TestApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';

/** Some megabytes, so that there is a middle. */
const lines = Array.from({ length: 120_000 }, (_, row) => `2026-11-20T13:00:00Z INFO worker ${row} finished`);
const text = `${lines.join('\n')}\n`;

let test: TestApp;
let path: string;

beforeEach(async () => {
  const folder = testFolder();
  path = join(folder, 'app.log');
  writeFileSync(path, text);
  test = await openApp(join(folder, 'workspace'));
});
afterEach(() => test.close());

it.each<[what: string, change: () => void, says: RegExp]>([
  ['is cut', () => truncateSync(path, 100), /app\.log became shorter while it was read: \d+ of \d+ bytes were there/],
  [
    'is renamed over',
    () => {
      writeFileSync(`${path}.new`, 'another log\n'.repeat(10));
      renameSync(`${path}.new`, path);
    },
    /app\.log was replaced by another file while it was read/,
  ],
  ['is deleted', () => rmSync(path), /app\.log was moved or deleted while it was read/],
  [
    'is written over in place',
    () => writeFileSync(path, text.replaceAll('INFO', 'WARN'), { flag: 'r+' }),
    /app\.log was written over while it was read/,
  ],
])('a file that %s while it is read: what was read stays, in part, and it is said', async (_what, change, says) => {
  const { jobId } = await test.ask('sources.import', { token: await test.offer(path), thenScore: false });
  await test.next('job.changed', (job) => job.id === jobId && (job.lineCount ?? 0) > 0);
  change();
  const job = await test.finished(jobId);
  expect(job).toMatchObject({ state: 'failed', error: expect.stringMatching(says) });
  expect(job.error).toMatch(/What was read stays .* open the file again/);
  const [source] = await test.ask('sources.list', {});
  expect(source?.state).toBe('partial');
  expect(source?.lineCount).toBeGreaterThan(0);
  const [first] = await test.ask('logs.read', { sourceId: source?.id ?? 0, afterLine: 0, limit: 1 });
  expect(first?.raw).toBe(lines[0]);
  // It is no known file, and the next import is whole.
  writeFileSync(path, text);
  const whole = await importLog(test, path);
  expect((await test.ask('sources.list', {})).find(({ id }) => id === whole)).toMatchObject({
    state: 'ready',
    lineCount: lines.length,
  });
});

it('a file that grows is read as far as it went, and known by the bytes that were read', async () => {
  const { jobId } = await test.ask('sources.import', { token: await test.offer(path), thenScore: false });
  await test.next('job.changed', (job) => job.id === jobId && (job.lineCount ?? 0) > 0);
  appendFileSync(path, 'one more line\n');
  expect(await test.finished(jobId)).toMatchObject({ state: 'done' });
  const { store } = test.app.parts.services;
  const sha256 = createHash('sha256').update(`${text}one more line\n`).digest('hex');
  expect(await store.call('find_source', { sha256 })).toHaveLength(1);
  expect(statSync(path).size).toBe(text.length + 14);
});
