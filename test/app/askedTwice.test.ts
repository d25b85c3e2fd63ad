/** @file Jobs that are asked for in a hurry. Catches two of a kind that must be one, and an upload that stays for good after its import was cancelled. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';

let learned: Learned;
beforeAll(async () => {
  learned = await learnOffice();
});

test('an upload goes with the app when its import was cancelled', async () => {
  const test = await openApp(join(testFolder(), 'workspace'));
  const path = join(test.app.uploadDirectory(), 'a.upload');
  await mkdir(test.app.uploadDirectory(), { recursive: true });
  await writeFile(path, 'Nov 20 10:00:00 host sshd[1]: session opened for user x\n'.repeat(300_000));
  const { token } = await test.app.offerFile(path, { name: 'a.log', isTemporary: true });
  const { jobId } = await test.ask('sources.import', { token, thenScore: false });
  expect(await test.ask('jobs.cancel', { jobId })).toMatchObject({ state: 'cancelled' });
  expect(existsSync(path)).toBe(true); // it may be asked for again
  await test.close();
  expect(existsSync(path)).toBe(false);
});

test('of two changes of the classifier that are asked for at once one is begun', async () => {
  const test = await openApp(await learned.copy());
  const { work, jobs } = test.app.parts;
  const asked = await Promise.allSettled([work.startUsingClassifier(null), work.startUsingClassifier(null)]);
  expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']); // whichever came first
  const running = jobs.list().filter(({ kind }) => kind === 'use_classifier');
  expect(running).toHaveLength(1);
  for (const { id } of running) await test.ask('jobs.cancel', { jobId: id });
  await test.close();
});
