/** @file Jobs that are asked for in a hurry. Catches two of a kind that must be one, and an upload that stays for good after its import was cancelled. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { learnFrom, openApp } from '../helpers/app.ts';
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

// Bug: the second one is said to have been done, and begins a scoring that nobody kept.
test('of two ways back to the model before that are asked for at once one is gone', async () => {
  const test = await openApp(await learned.copy());
  const [source] = await test.ask('sources.list', {});
  await learnFrom(test, [source?.id ?? 0], 1, { countsOnly: true });
  const asked = await Promise.allSettled([test.ask('retrain.rollback', {}), test.ask('retrain.rollback', {})]);
  expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(asked.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } });
  await test.close();
});

// Bug: a log is removed under the work that began while it was written down who removes it.
test('a log that work was begun on while it was to be removed stays', async () => {
  const test = await openApp(await learned.copy());
  const [source] = await test.ask('sources.list', {});
  const sourceId = source?.id ?? 0;
  const { services, jobs } = test.app.parts;
  const [end, ended] = [Promise.withResolvers<string>(), Promise.withResolvers<unknown>()];
  const { actor } = services;
  vi.spyOn(services, 'actor').mockImplementationOnce(async () => {
    jobs.start({ kind: 'score', subject: 'it', sourceIds: [sourceId] }, () => end.promise).finished.then(ended.resolve);
    return actor();
  });
  expect(await test.refusal('sources.delete', { sourceId })).toMatchObject({ code: 'CONFLICT' });
  end.resolve('');
  await ended.promise;
  await test.close();
});
