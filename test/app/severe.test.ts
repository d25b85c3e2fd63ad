/** @file Severe alerts that came. Catches news of what was there before, of the same alert twice, and of one that nobody is shown. */
import { expect, test } from 'vitest';
import type { Services } from '../../src/main/app/services.ts';
import { SevereArrivalsSince } from '../../src/main/app/severe.ts';
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

test('two that look at once tell of an arrival once', async () => {
  const store = await seededStore([]);
  const services = {
    store: {
      call: (method: 'severe_since' | 'current_threshold', input: never) =>
        method === 'current_threshold' ? Promise.resolve(null) : store.ask(method, input),
    },
  } as unknown as Services;
  const severe = new SevereArrivalsSince(services);
  await severe.take();
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', [alertOf(1, { severity: 5 })]));
  expect(await Promise.all([severe.take(), severe.take()])).toEqual([{ critical: 1, high: 0 }, null]);
});
