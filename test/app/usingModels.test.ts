/**
 * @file Putting another model in use, and what follows. Catches a queue that stays that of the model before without a word, a scoring that is lost with the
 * app, a way back to a model that nobody ever used, and what was taught lost where the scoring was given up.
 */
import { afterEach, beforeAll, expect, it } from 'vitest';
import { learnFromSources } from '../../src/main/app/learn.ts';
import { currentThreshold } from '../../src/main/app/thresholdInForce.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { unwatchedJob } from '../helpers/job.ts';
import { heldBack } from '../helpers/heldBack.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';

let office: Learned;
let test: TestApp;
let quietId: number;
let watchedId: number;

beforeAll(async () => {
  office = await learnOffice();
}, 240_000);
afterEach(() => test.close());

async function open(): Promise<void> {
  test = await openApp(await office.copy());
  quietId = (await test.ask('sources.list', {}))[0]?.id ?? 0;
  watchedId = await importLog(test, office.watched.path);
}

/** Another model, in use: it only counts, which takes no time. */
async function learnAnother(seed: number): Promise<void> {
  expect((await learnFrom(test, [quietId], seed, { countsOnly: true })).state).toBe('done');
}

async function modelId(number: number): Promise<string> {
  return (await test.ask('models.list', {})).find((model) => model.number === number)?.id ?? '';
}

/** Numbers of the models whose alerts the queue has. */
async function judging(): Promise<string[]> {
  const { rows } = await test.ask('alerts.list', { tab: 'open', limit: 1000 });
  const names = new Set<string>();
  for (const { id } of rows) names.add((await test.ask('alerts.get', { alertId: id })).modelName);
  return [...names].sort();
}

it('scores the logs of the model before again by the one that is used, as adopting does', async () => {
  await open();
  await learnAnother(2);
  await scoreSources(test, [watchedId]);
  expect(await judging()).toEqual(['m2']);
  const { store } = test.app.parts.services;
  const { call } = store;
  const keptWith: unknown[] = [];
  store.call = async (method, ...rest) => {
    const output = await call(method, ...rest);
    if (method === 'use_model') keptWith.push(...(await call('list_jobs', undefined)).map(({ input }) => input));
    return output;
  };
  const used = await test.ask('models.use', { modelId: await modelId(1) });
  expect(used.models.find(({ state }) => state === 'in_use')?.number).toBe(1);
  // An end of the app right behind it loses nothing.
  expect(keptWith).toEqual([{ sourceIds: [watchedId], isReplacing: true }]);
  expect(await test.finished(used.jobId ?? '')).toMatchObject({ kind: 'score', state: 'done' });
  expect(await judging()).toEqual(['m1']);
  // In use already, and with nothing that the one before had scored.
  expect(await test.ask('models.use', { modelId: await modelId(1) })).toMatchObject({ jobId: null });
  await learnAnother(3);
  expect(await test.ask('models.use', { modelId: await modelId(2) })).toMatchObject({ jobId: null });
  expect(await judging()).toEqual(['m1']);
}, 120_000);

it('goes back to the models that were in use, one after the other, and to none that was only kept', async () => {
  await open();
  await learnAnother(2);
  const { services } = test.app.parts;
  const kept = { modelId: services.host.newId(), sourceIds: [quietId], countsOnly: true, isKept: true };
  await learnFromSources(services, kept, unwatchedJob());
  await learnAnother(4);
  const back = async (): Promise<number> => {
    const told = (await test.ask('models.list', {})).filter(({ isBefore }) => isBefore).map(({ number }) => number);
    const { modelNumber } = await test.ask('retrain.rollback', {});
    expect(told).toEqual([modelNumber]);
    return modelNumber;
  };
  expect([await back(), await back()]).toEqual([2, 1]);
  expect(await test.refusal('retrain.rollback', {})).toMatchObject({ code: 'NOT_FOUND' });
  expect((await test.ask('models.list', {})).filter(({ isBefore }) => isBefore)).toEqual([]);
  // One that is deleted is no way back, the one before it is.
  await test.ask('models.use', { modelId: await modelId(2) });
  await test.ask('models.use', { modelId: await modelId(4) });
  await test.ask('models.delete', { modelId: await modelId(2) });
  expect(await back()).toBe(1);
}, 120_000);

// Bug: with the first verdict after it all that was taught went, as hardly a verdict is on an alert of the model that came in use.
it('keeps what was taught where the scoring is cancelled, until the logs are scored after all, and says so', async () => {
  await open();
  await scoreSources(test, [watchedId]);
  const { services, thresholds } = test.app.parts;
  const learned = async () => {
    await thresholds.settled();
    return currentThreshold(services);
  };
  const decide = async (most: number): Promise<void> => {
    const { rows } = await test.ask('alerts.list', { tab: 'open', limit: most });
    for (const { id } of rows) await test.ask('verdicts.give', { alertId: id, value: 'false_positive_logic' });
  };
  await decide(5);
  const taught = await learned();
  expect(taught).toMatchObject({ reason: 'verdicts', taught: { joined: expect.anything() } });
  await learnAnother(2);
  await scoreSources(test, [watchedId]);

  const scoring = heldBack(test.app.parts.services, 'list_follows');
  const { jobId } = await test.ask('models.use', { modelId: await modelId(1) });
  const notices = async (): Promise<string[]> => (await test.ask('status.get', {})).notices;
  expect(await notices()).toContainEqual(expect.stringMatching(/until the logs are scored by the model/));
  await test.ask('jobs.cancel', { jobId: jobId ?? '' });
  scoring.release();
  expect(await test.finished(jobId ?? '')).toMatchObject({ state: 'cancelled' });
  await decide(1);
  expect(await learned()).toEqual(taught);
  expect(await notices()).toContainEqual(expect.stringMatching(/given up: score watched\.log again/));
  // Bug: what a retraining would change was told against scores of the model before.
  expect((await test.ask('retrain.plan', {})).missing).toMatch(/still to be scored by model m1/);
  // Nor does it begin with the next start of the app.
  const { directory } = services;
  await test.close();
  test = await openApp(directory);
  await test.app.parts.thresholds.settled();
  expect(await currentThreshold(test.app.parts.services)).toEqual(taught);
  expect((await scoreSources(test, [watchedId])).state).toBe('done');
  await test.app.parts.thresholds.settled();
  expect(await currentThreshold(test.app.parts.services)).toMatchObject({
    reason: 'verdicts',
    modelId: taught?.modelId,
  });
  expect(await notices()).toEqual([]);
  expect((await test.ask('retrain.plan', {})).missing).not.toMatch(/still to be scored/);
}, 120_000);
