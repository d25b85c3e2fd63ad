/** @file Logs that a model which came in use is to score again. Catches one that is no longer waited for before that model has scored it whole, and one that is for ever. */
import { expect, test } from 'vitest';
import { openTestStore } from './helpers.ts';
import { actor, addModel, alertOf, importLines, now, runOf, thresholdOf, type TestStore } from './rows.ts';

const scoring = { id: 'job', kind: 'score', subject: 'logs', input: {}, startedAt: now };
const names = async (store: TestStore): Promise<string[]> =>
  (await store.ask('list_awaited_logs', undefined)).map(({ sourceId, modelId }) => `${sourceId} by ${modelId}`);

/** Two logs, scored by the first of three models. */
async function scoredLogs(): Promise<TestStore> {
  const store = await openTestStore();
  for (const id of ['model-1', 'model-2', 'model-3']) await addModel(store, id);
  await store.ask('use_model', { modelId: 'model-1', actor });
  await importLines(store, [{ raw: 'x' }]);
  await importLines(store, [{ raw: 'y' }]);
  await score(store, 1, 'model-1');
  await score(store, 2, 'model-1');
  return store;
}

let runs = 0;
async function score(store: TestStore, sourceId: number, modelId: string): Promise<void> {
  await store.ask('replace_run', { ...runOf(sourceId, `run-${++runs}`, [alertOf(sourceId)]), modelId });
}

async function use(store: TestStore, modelId: string): Promise<void> {
  const purpose = { kind: 'choose', scoring: { ...scoring, id: `job-${modelId}` } } as const;
  await store.ask('use_model', { modelId, purpose, actor });
}

test('a log is waited for until the model in use has scored it, whatever becomes of the job', async () => {
  const store = await scoredLogs();
  await use(store, 'model-2');
  expect(await names(store)).toEqual(['1 by model-2', '2 by model-2']);
  await store.ask('end_job', { id: 'job-model-2' });
  await score(store, 1, 'model-2');
  // One that had begun before, and ends now.
  await score(store, 2, 'model-1');
  expect(await names(store)).toEqual(['2 by model-2']);
  // The next model is to score what that one scored, and what it left.
  await use(store, 'model-3');
  expect(await names(store)).toEqual(['1 by model-3', '2 by model-3']);
  await store.ask('delete_source', { sourceId: 1, actor });
  expect(await names(store)).toEqual(['2 by model-3']);
  // Nothing is scored again by a model that is learned anew.
  await store.ask('use_model', { modelId: 'model-1', actor });
  expect(await names(store)).toEqual([]);
});

test('a version of the model with a classifier is to score them, too, and a model that is learned is not', async () => {
  const store = await scoredLogs();
  const adopt = (id: string, change: { classifierId?: string }) =>
    store.ask('adopt_model', {
      ...{ id, card: {}, curve: [], files: [], isUsed: true, actor, ...change },
      threshold: { ...thresholdOf(3), modelId: id },
    });
  await adopt('model-2', { classifierId: 'classifier' });
  expect(await names(store)).toEqual(['1 by model-2', '2 by model-2']);
  await adopt('model-3', {});
  expect(await names(store)).toEqual([]);
});
