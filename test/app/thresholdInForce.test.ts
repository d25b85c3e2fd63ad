/** @file Versions of the threshold as they are listed. Catches a list of the newest without the one that judges. */
import { expect, test } from 'vitest';
import type { Services } from '../../src/main/app/services.ts';
import { listThresholds } from '../../src/main/app/thresholdInForce.ts';
import { openTestStore } from '../store/helpers.ts';
import { actor, addModel, thresholdOf } from '../store/rows.ts';

// Bug: after going back to a model of before, whose last version is older than all that are listed, there seems to be no threshold.
test('the one in force is among the newest, however old it is', async () => {
  const store = await openTestStore();
  const services = { store: { call: store.ask } } as unknown as Services;
  for (const id of ['model-1', 'model-2']) await addModel(store, id);
  const add = (modelId: string, score: number) =>
    store.ask('add_threshold', { threshold: { ...thresholdOf(score), modelId }, actor });
  await add('model-1', 4);
  for (let score = 5; score < 9; score++) await add('model-2', score);
  const listed = async () => (await listThresholds(services, 2)).map(({ version, isCurrent }) => [version, isCurrent]);

  await store.ask('use_model', { modelId: 'model-2', actor });
  expect(await listed()).toEqual([
    [5, true],
    [4, false],
  ]);
  await store.ask('use_model', { modelId: 'model-1', actor });
  expect(await listed()).toEqual([
    [5, false],
    [4, false],
    [1, true],
  ]);
});
