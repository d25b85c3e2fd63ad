/**
 * @file Changes that belong together: with their entry in the audit, and with the setting that they follow from. Catches one that is made and not recorded: the app may be killed between two
 * transactions, and a disk may be full at the second.
 */
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { wantedClassifierKey } from '../../src/shared/classify.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import type { UsePurpose } from '../../src/main/store/protocol/models.ts';
import { openTestStore } from './helpers.ts';
import { actor, addModel, thresholdOf, type TestStore } from './rows.ts';

function onDatabase<T>({ directory }: TestStore, act: (db: InstanceType<typeof Database>) => T): T {
  const db = new Database(workspacePaths(directory).database);
  try {
    return act(db);
  } finally {
    db.close();
  }
}

/** From now on the audit takes no entry of this action. */
const refuse = (store: TestStore, action: string): void =>
  onDatabase(store, (db) => {
    db.exec(`CREATE TRIGGER refuse BEFORE INSERT ON audit WHEN NEW.action = '${action}'
      BEGIN SELECT raise(ABORT, 'refused'); END`);
  });
const allow = (store: TestStore): void => onDatabase(store, (db) => void db.exec('DROP TRIGGER refuse'));
const lastActions = (store: TestStore, count: number): unknown[] =>
  onDatabase(store, (db) =>
    db.prepare('SELECT action, subject FROM audit ORDER BY sequence DESC LIMIT ?').all(count).reverse(),
  );

const inUse = async (store: TestStore): Promise<string | undefined> =>
  (await store.ask('list_models', undefined)).find(({ state }) => state === 'in_use')?.id;

/** Of the logs that the model before had scored. */
const scoring = { id: 'job-1', kind: 'score', subject: 'a log', input: { sourceIds: [1] }, startedAt: actor.at };

const purposes: { action: string; subject: string; purpose: UsePurpose }[] = [
  { action: 'model.rolled_back', subject: 'model-1', purpose: { kind: 'roll_back', from: 'model-2', scoring } },
  {
    ...{ action: 'classifier.withdrawn', subject: 'classifier-1' },
    purpose: { kind: 'withdraw_classifier', classifierId: 'classifier-1', from: 'model-2', scoring },
  },
];

test.each(purposes)(
  '$action is recorded with the change of the model in use, and the scoring is kept with it, or nothing changes',
  async (one) => {
    const { action, subject, purpose } = one;
    const store = await openTestStore();
    for (const id of ['model-1', 'model-2']) {
      await addModel(store, id);
      await store.ask('add_threshold', { threshold: { ...thresholdOf(4), modelId: id }, actor });
    }
    await store.ask('use_model', { modelId: 'model-2', actor });
    await store.ask('set_setting', { key: wantedClassifierKey, value: 'classifier-1', actor });
    refuse(store, action);
    await expect(store.ask('use_model', { modelId: 'model-1', purpose, actor })).rejects.toThrow();
    expect(await inUse(store)).toBe('model-2');
    expect(await store.ask('list_jobs', undefined)).toEqual([]);
    expect(await store.ask('get_setting', { key: wantedClassifierKey })).toBe('classifier-1');
    allow(store);
    await store.ask('use_model', { modelId: 'model-1', purpose, actor });
    expect(await inUse(store)).toBe('model-1');
    expect(await store.ask('list_jobs', undefined)).toMatchObject([scoring]);
    expect(lastActions(store, 1)).toEqual([{ action, subject }]);
    const wanted = purpose.kind === 'withdraw_classifier' ? null : 'classifier-1';
    expect(await store.ask('get_setting', { key: wantedClassifierKey })).toBe(wanted);
    expect(await store.ask('verify_audit', undefined)).toMatchObject({ brokenAt: null });
  },
);

test('a classifier that is adopted is wanted from then on, or neither (a kill in between said that it should judge and does not)', async () => {
  const store = await openTestStore();
  await addModel(store);
  const threshold = thresholdOf(4);
  const adopted = { id: 'model-1', card: {}, curve: [], files: [], isUsed: true, threshold, actor };
  refuse(store, 'classifier.adopted');
  await expect(store.ask('adopt_model', { ...adopted, classifierId: 'classifier-1' })).rejects.toThrow();
  expect([await inUse(store), await store.ask('get_setting', { key: wantedClassifierKey })]).toEqual([undefined, null]);
  allow(store);
  await store.ask('adopt_model', { ...adopted, classifierId: 'classifier-1' });
  expect(await store.ask('get_setting', { key: wantedClassifierKey })).toBe('classifier-1');
});

test('a job that is given up ends with its entry, or is still there', async () => {
  const store = await openTestStore();
  await store.ask('add_job', { id: 'job-1', kind: 'score', subject: 'a log', input: {}, startedAt: actor.at });
  refuse(store, 'job.given_up');
  const end = { id: 'job-1', givenUp: { kind: 'score', attempts: 2, actor } } as const;
  await expect(store.ask('end_job', end)).rejects.toThrow();
  expect(await store.ask('list_jobs', undefined)).toHaveLength(1);
  allow(store);
  await store.ask('end_job', end);
  expect(await store.ask('list_jobs', undefined)).toEqual([]);
  expect(lastActions(store, 1)).toEqual([{ action: 'job.given_up', subject: 'job-1' }]);
});

test('a budget and the threshold that it asks for are set together, or neither (one that was said was not in force)', async () => {
  const store = await openTestStore();
  await addModel(store);
  await store.ask('use_model', { modelId: 'model-1', actor });
  const asked = { threshold: thresholdOf(4), setting: { key: 'budget', value: { alerts: 5, per: 'day' } }, actor };
  refuse(store, 'threshold.added');
  await expect(store.ask('add_threshold', asked)).rejects.toThrow();
  expect(await store.ask('get_setting', { key: 'budget' })).toBeNull();
  allow(store);
  await store.ask('add_threshold', asked);
  expect(await store.ask('get_setting', { key: 'budget' })).toEqual({ alerts: 5, per: 'day' });
  expect(await store.ask('current_threshold', undefined)).toMatchObject({ score: 4 });
});
