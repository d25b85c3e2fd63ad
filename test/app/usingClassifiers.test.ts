/**
 * @file A classifier as one more detector, over a real small log. Catches one that judges without having been held against none, that a bad one comes in use, that
 * scoring sees other windows than calibration, and a way back that is none.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { replayAlerts } from '../../src/main/app/retraining/replay.ts';
import { currentThreshold } from '../../src/main/app/thresholdInForce.ts';
import type { Classifier } from '../../src/shared/classify.ts';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { madeWindows, writeArchive } from '../helpers/archives.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';
import { writeOffice } from '../helpers/office.ts';

/** What the gate has against a classifier is left out where it would stand in the way of what is tested: it has a test of its own. */
const gate = vi.hoisted(() => ({ objects: true }));
vi.mock(import('../../src/shared/retraining.ts'), async (original) => {
  const real = await original();
  return { ...real, blockingOf: (found) => (gate.objects ? real.blockingOf(found) : []) };
});

let judged: string;
let classifierId: string;
let test: TestApp;

async function opened(): Promise<Classifier | undefined> {
  return (await test.ask('classifiers.list', {})).find(({ id }) => id === classifierId);
}

async function modelInUse(): Promise<number> {
  return (await test.app.parts.models.inUse()).number;
}

/** A workspace whose analyst takes what `sudo` does for threats, and all else that alerts for none; a classifier is trained on that. */
beforeAll(async () => {
  const office = await learnOffice();
  const folder = fileFolder();
  judged = await office.copy(join(folder, 'judged'));
  const watched = writeOffice(join(folder, 'judged.log'), { lines: 9000, seed: 5, anomalyRate: 0.03 });
  test = await openApp(judged);
  const sourceId = await importLog(test, watched.path);
  await test.ask('thresholds.set_budget', { budget: { alerts: 1000, per: '100k' } });
  await scoreSources(test, [sourceId]);
  const { rows } = await test.ask('alerts.list', { limit: 1000 });
  for (const value of ['true_positive', 'false_positive_logic'] as const) {
    const isThreat = value === 'true_positive';
    const ids = rows.filter((row) => JSON.stringify(row.template).startsWith('"sudo') === isThreat).map(({ id }) => id);
    await test.ask('verdicts.give_many', { selection: { kind: 'ids', ids }, value });
  }
  // So that no threat lies on the threshold, where one more detector in the budget would lose it.
  await test.ask('thresholds.set_budget', { budget: { alerts: 20_000, per: '100k' } });
  await test.app.parts.thresholds.settled();
  await test.app.parts.thresholds.rescored();
  const trained = await test.ask('classifiers.train_verdicts', { length: 6 });
  classifierId = trained.classifierId;
  expect((await test.finished(trained.jobId)).error).toBeNull();
  await test.close();
}, 900_000);
afterEach(() => test.close());

it('judges as one more detector of another version of the model, as its gate said, and the way back leads to the model before', async () => {
  test = await openApp(await copied());
  const { services, models } = test.app.parts;
  const { card } = (await opened()) ?? {};
  expect(card).toMatchObject({ source: 'verdicts', length: 6, verdicts: { modelNumber: 1 } });
  expect(card?.verdicts?.ordinary.train).toBeGreaterThan(500);
  const before = await modelInUse();

  // Verdicts alone rank these threats nearly as well: it is refused, and nothing is changed.
  const refused = await test.finished((await test.ask('classifiers.use', { classifierId })).jobId);
  expect(refused.error).toMatch(/is not used\. (Held-out threats rank no better|It loses)/);
  expect(await opened()).toMatchObject({ use: null, card: { gate: { isAdopted: false } } });
  expect(await modelInUse()).toBe(before);
  gate.objects = false;
  const { error } = await test.finished((await test.ask('classifiers.use', { classifierId })).jobId);
  gate.objects = true;
  expect(error).toBeNull();
  expect(await opened()).toMatchObject({ use: { state: 'in_use' }, card: { gate: { isAdopted: true } } });
  const model = await models.inUse();
  expect(model.number).toBeGreaterThan(before);
  expect(model.detection.set.ids).toContain('labelled');
  expect(await test.refusal('classifiers.delete', { classifierId })).toMatchObject({ code: 'CONFLICT' });
  // What scoring gave alerts is what the replay of the gate says of them: both see the same windows.
  await test.app.parts.thresholds.settled();
  await test.app.parts.thresholds.rescored();
  const version = await currentThreshold(services);
  const templates = await services.store.call('list_templates', undefined);
  const apart: number[] = [];
  await replayAlerts(services, model, {
    templates: new Map(templates.map((template) => [template.index, template])),
    decidedOnly: false,
    version: version ?? { taught: null, budgetScore: 0 },
    signal: new AbortController().signal,
    // Those that it voted on were raised with it; a decided one that nobody raises any more keeps its score of before.
    onAlert: ({ alert, after }) => {
      if (alert.votes.some(({ detector }) => detector === 'labelled')) apart.push(Math.abs(after - alert.score));
    },
  });
  expect(apart.length).toBeGreaterThan(5);
  expect(Math.max(...apart)).toBeLessThan(1e-3);

  // Another model judges without it, and the list says so.
  await test.ask('models.use', { modelId: model.card.classifier?.without.id ?? '' });
  expect(await opened()).toMatchObject({ use: { state: 'stale', modelNumber: before } });
  await test.ask('models.use', { modelId: model.id });
  const { jobId } = await test.ask('classifiers.drop', {});
  if (jobId !== null) await test.finished(jobId);
  expect(await modelInUse()).toBe(before);
  expect((await opened())?.use).toBeNull();
  expect(await test.refusal('classifiers.drop', {})).toMatchObject({ code: 'CONFLICT' });
}, 900_000);

it('refuses in words what was trained on other ids, and leaves no model behind', async () => {
  test = await openApp(await copied());
  const path = await writeArchive(join(testFolder(), 'windows.npz'), {
    train: madeWindows(60, 1),
    test: madeWindows(20, 2),
  });
  const trained = await test.ask('classifiers.train_file', { token: await test.offer(path) });
  await test.finished(trained.jobId);
  const models = await test.ask('models.list', {});
  const job = await test.finished((await test.ask('classifiers.use', { classifierId: trained.classifierId })).jobId);
  expect(job.error).toMatch(/cannot be used\. It knows the event ids of an archive/);
  expect(await test.ask('models.list', {})).toEqual(models);
}, 300_000);

async function copied(): Promise<string> {
  const directory = join(testFolder(), 'workspace');
  await cp(judged, directory, { recursive: true });
  return directory;
}
