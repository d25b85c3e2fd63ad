/** @file Which models were in use, as the audit tells. Catches a way back to a model that was left behind by going back, or that never was in use. */
import { expect, test } from 'vitest';
import { openTestStore } from './helpers.ts';
import { actor, addModel, type TestStore } from './rows.ts';

async function withModels(...ids: string[]): Promise<TestStore> {
  const store = await openTestStore();
  for (const id of ids) await addModel(store, id);
  return store;
}

const scoring = null;

test('they come in the order in which they were used; what was never in use is not among them', async () => {
  const store = await withModels('a', 'kept', 'b');
  expect(await store.ask('list_model_uses', undefined)).toEqual([]);
  for (const modelId of ['a', 'b', 'b', 'a'])
    await store.ask('use_model', { modelId, purpose: { kind: 'choose', scoring }, actor });
  expect(await store.ask('list_model_uses', undefined)).toEqual(['a', 'b', 'a']);
});

test('going back takes away what came behind, and so does a classifier that goes; going on from there adds', async () => {
  const store = await withModels('a', 'b', 'c');
  const use = async (modelId: string): Promise<void> => void (await store.ask('use_model', { modelId, actor }));
  const back = async (modelId: string, from: string): Promise<void> =>
    void (await store.ask('use_model', { modelId, purpose: { kind: 'roll_back', from, scoring }, actor }));
  for (const id of ['a', 'b', 'c']) await use(id);
  await back('b', 'c');
  expect(await store.ask('list_model_uses', undefined)).toEqual(['b', 'a']);
  await back('a', 'b');
  expect(await store.ask('list_model_uses', undefined)).toEqual(['a']);
  // Back to one that was left behind, by its name.
  await back('c', 'a');
  expect(await store.ask('list_model_uses', undefined)).toEqual(['c', 'a']);
  await use('b');
  const purpose = { kind: 'withdraw_classifier', classifierId: 'classifier', from: 'b', scoring } as const;
  await store.ask('use_model', { modelId: 'c', purpose, actor });
  expect(await store.ask('list_model_uses', undefined)).toEqual(['c', 'a']);
});
