/** @file Severe alerts that came. Catches news of what was there before, of the same alert twice, and of one that nobody is shown. */
import { expect, test } from 'vitest';
import { seededStore } from '../store/helpers.ts';
import { alertOf, runOf } from '../store/rows.ts';

test('only what was raised since, is open, shown and severe is news', async () => {
  const store = await seededStore([alertOf(1, { severity: 5 })]);
  const start = await store.ask('severe_since', { afterNumber: null, minScore: 1 });
  expect(start).toMatchObject({ critical: 0, high: 0 });
  const since = (afterNumber: number) => store.ask('severe_since', { afterNumber, minScore: 1 });
  expect(await since(start.lastNumber)).toMatchObject({ critical: 0, high: 0 });
  const more = [5, 4, 4, 3].map((severity, index) =>
    alertOf(2 + index, { severity: severity as 5, signature: `s${index}`, score: index === 2 ? 0.5 : 5 }),
  );
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', more));
  const found = await since(start.lastNumber);
  expect(found).toMatchObject({ critical: 1, high: 1 });
  expect(await since(found.lastNumber)).toMatchObject({ critical: 0, high: 0 });
});
