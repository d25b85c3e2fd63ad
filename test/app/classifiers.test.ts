/**
 * @file Classifiers through the app: trained from an archive, explained, exported, gone on with after an end of the app. Catches a
 * classifier that claims what it cannot, a text that becomes a formula, and data that needs the user's file again.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBufferPromise } from 'yauzl';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import type { Classifier } from '../../src/shared/classify.ts';
import { madeWindows, writeArchive } from '../helpers/archives.ts';
import { openApp, type TestApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';

let test: TestApp;
afterEach(() => test.close());

const archive = { train: madeWindows(200, 1), test: madeWindows(60, 2) };

async function trained(classifierId: string, jobId: string): Promise<Classifier> {
  const job = await test.finished(jobId);
  if (job.state !== 'done') throw new Error(`${job.state}: ${job.error}`);
  const found = (await test.ask('classifiers.list', {})).find(({ id }) => id === classifierId);
  if (!found) throw new Error('It is not listed.');
  return found;
}

it('trains from an archive with templates, explains by what hiding an event changes, and exports without formulas', async () => {
  const folder = testFolder();
  test = await openApp(join(folder, 'workspace'));
  const path = await writeArchive(join(folder, 'windows.npz'), archive);
  writeFileSync(join(folder, 'templates.json'), JSON.stringify({ 900: '=HYPERLINK("http://x")', 10: 'opened' }));
  const asked = { token: await test.offer(path), templatesToken: await test.offer(join(folder, 'templates.json')) };
  const { classifierId, jobId } = await test.ask('classifiers.train_file', asked);
  // The job needs neither file.
  rmSync(path);
  const { card, curve, state, files } = await trained(classifierId, jobId);
  expect(state).toBe('kept');
  expect(curve.length).toBeGreaterThan(1);
  expect(files.map(({ name }) => name)).toContain('classify.onnx');
  expect(card).toMatchObject({ noQuality: null, length: 5, eventIds: 7, calibration: { kind: 'platt' } });
  expect(card.test?.classifier.f1).toBeGreaterThan(0.9);
  expect(card.test?.baselines.unseenId.recall).toBe(0);

  const { index } = await test.ask('classifiers.first_anomaly', { classifierId });
  expect(index).toBe(archive.test.labels.indexOf(1));
  const explained = await test.ask('classifiers.explain', { classifierId, index: index ?? 0 });
  const reason = explained.events.reduce((most, event) => (event.change > most.change ? event : most));
  expect(reason).toMatchObject({ eventId: 900, text: '=HYPERLINK("http://x")' });
  expect(explained.attention).toHaveLength(card.shape?.layers ?? 0);
  expect(explained.attention[0]?.[0]?.[0]?.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);

  const windows = await test.ask('classifiers.evaluate', { classifierId });
  expect(windows).toHaveLength(20);
  expect(windows.map(({ label }) => (label ? 1 : 0))).toEqual(archive.test.labels.slice(0, 20));
  const { base64, fileName } = await test.ask('classifiers.export', { classifierId, count: 3 });
  expect(fileName).toBe('model_explanations.xlsx');
  const zip = await fromBufferPromise(Buffer.from(base64, 'base64'));
  let sheets = '';
  for await (const entry of zip.eachEntry())
    if (/sheet\d|sharedStrings/.test(entry.fileName)) sheets += await textOf(await zip.openReadStreamPromise(entry));
  expect(sheets).toContain('HYPERLINK');
  expect(sheets).not.toMatch(/<f[ >]/);

  expect(await test.refusal('classifiers.explain', { classifierId, index: 60 })).toMatchObject({ code: 'BAD_REQUEST' });
  expect(await test.ask('classifiers.delete', { classifierId })).toEqual([]);
  expect(existsSync(join(folder, 'workspace', 'classifiers', classifierId))).toBe(false);
}, 120_000);

it('an archive without anomalies trains and claims nothing; one that is none is refused before anything is made', async () => {
  const folder = testFolder();
  test = await openApp(join(folder, 'workspace'));
  const quiet = { train: madeWindows(60, 3, 0), test: madeWindows(20, 4, 0) };
  const token = await test.offer(await writeArchive(join(folder, 'quiet.npz'), quiet));
  const { classifierId, jobId } = await test.ask('classifiers.train_file', { token });
  const { card } = await trained(classifierId, jobId);
  expect(card.noQuality).toMatch(/No window of the training part is anomalous.*No quality is claimed/);
  expect(card.test?.classifier).toMatchObject({ precision: null, recall: null, f1: null, falsePositives: 0 });
  writeFileSync(join(folder, 'broken.npz'), 'PK and nothing more');
  const broken = await test.offer(join(folder, 'broken.npz'));
  expect(await test.refusal('classifiers.train_file', { token: broken })).toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringMatching(/^broken\.npz: The file is no \.npz archive/),
  });
  expect(await test.ask('classifiers.list', {})).toHaveLength(1);
}, 120_000);

it('goes on after the app was closed, and a cancelled one is gone with its windows', async () => {
  const folder = testFolder();
  const workspace = join(folder, 'workspace');
  test = await openApp(workspace, { checkpointMs: 0 });
  const path = await writeArchive(join(folder, 'windows.npz'), archive);
  const training = test.next('job.changed', (job) => (job.training?.epoch ?? 0) >= 2);
  const { classifierId } = await test.ask('classifiers.train_file', { token: await test.offer(path) });
  await training;
  await test.close();
  test = await openApp(workspace);
  const [job] = await test.ask('jobs.list', {});
  const again = await trained(classifierId, job?.id ?? '');
  expect(again.curve.some(({ resumedFromStep }) => resumedFromStep !== null)).toBe(true);

  const second = test.next('job.changed', ({ training }) => training !== null);
  const other = await test.ask('classifiers.train_file', { token: await test.offer(path) });
  await second;
  await test.ask('jobs.cancel', { jobId: other.jobId });
  await test.app.parts.jobs.settled();
  const listed = await test.ask('classifiers.list', {});
  expect(listed.map(({ state }) => state)).toEqual(['kept', 'failed']);
  expect(existsSync(join(workspace, 'classifiers', other.classifierId))).toBe(false);
}, 120_000);

it('says what verdicts lack to train on', async () => {
  const office = await learnOffice();
  test = await openApp(await office.copy());
  expect(await test.refusal('classifiers.train_verdicts', {})).toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringMatching(/There are 0 verdicts.*at least 8 threats/),
  });
  expect(await test.refusal('classifiers.train_verdicts', { length: 60 })).toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringMatching(/ask for windows of at most/),
  });
}, 180_000);
