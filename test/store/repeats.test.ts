/** @file Alerts that repeat. Catches one that no list shows, a count that does not fit, and a log that is followed folding other than a batch. */
import { expect, test } from 'vitest';
import type { NewAlert } from '../../src/main/store/protocol/alerts.ts';
import { seededStore } from './helpers.ts';
import type { TestStore } from './rows.ts';
import { actor, alertOf, listed, now, runOf, thresholdOf } from './rows.ts';

const like = (templateIndex: number, actorHash = 'anna') => ({
  fingerprint: `${templateIndex} ${actorHash}`,
  profile: { actor: actorHash, culprits: [[templateIndex, 1]] as [number, number][] },
});
const at = (event: number, seconds: number, kind = like(1)) =>
  alertOf(event, { at: now + seconds * 1000, signature: `s${event}`, ...kind });
const log = [at(1, 0), at(2, 100), at(3, 120, like(2)), at(4, 350), at(5, 360, like(1, 'bert')), at(6, 700)];

async function states(store: TestStore) {
  const pages = await Promise.all(
    (['open', 'decided', 'repeat'] as const).map((state) =>
      store.ask('list_alerts', { ...listed, tab: 'all', filter: `state:${state}`, order: 'time' }),
    ),
  );
  return pages
    .flatMap(({ rows }) => rows)
    .sort((a, b) => a.eventId - b.eventId)
    .map(({ eventId, state, repeatCount, repeatLastAt }) => [eventId, state, repeatCount, repeatLastAt]);
}

const folded = [
  [1, 'open', 2, now + 350_000],
  [2, 'repeat', 0, null],
  [3, 'open', 0, null],
  [4, 'repeat', 0, null],
  [5, 'open', 0, null],
  [6, 'open', 0, null],
];

test('a run folds what comes within the cooldown; settings fold again', async () => {
  const store = await seededStore(log);
  expect(await states(store)).toEqual(folded);
  const { repeats } = await store.ask('list_repeats', { alertId: 'alert-1' });
  expect(repeats.map(({ eventId }) => eventId)).toEqual([2, 4]);
  await store.ask('set_setting', { key: 'folding', value: { cooldownSeconds: 400, similarity: 0.7 }, actor });
  await store.ask('fold_again', { limit: 1000 });
  expect((await states(store)).map(([, state]) => state)).toEqual([
    'open',
    'repeat',
    'open',
    'repeat',
    'repeat',
    'repeat',
  ]);
  await store.ask('set_setting', { key: 'folding', value: { cooldownSeconds: 300, similarity: 0.8 }, actor });
  await store.ask('fold_again', { limit: 1000 });
  expect(await states(store)).toEqual(folded);
});

test('a threshold that moves between two alerts parts them, and looks at no log that has none between', async () => {
  const store = await seededStore([at(1, 0), { ...at(2, 100), score: 8 }]);
  const stands = async () => (await states(store)).map(([, state]) => state);
  const moved = async (score: number) => {
    await store.ask('add_threshold', { threshold: thresholdOf(score), actor });
    // One at a time: more are left of a log that has some to fold.
    const { isLeft } = await store.ask('fold_again', { limit: 1 });
    while ((await store.ask('fold_again', { limit: 1 })).isLeft);
    return isLeft;
  };
  expect(await stands()).toEqual(['open', 'repeat']);
  await store.ask('add_threshold', { threshold: thresholdOf(4), actor });
  await store.ask('use_model', { modelId: 'model-1', actor });
  await store.ask('fold_again', { limit: 1000 });
  expect(await moved(4.5)).toBe(false);
  expect(await stands()).toEqual(['open', 'repeat']);
  // What is shown is never counted by what is not.
  expect(await moved(6)).toBe(true);
  expect(await stands()).toEqual(['open', 'open']);
});

test('a run without the first makes the second the head; nearest decided alerts are those most alike', async () => {
  const store = await seededStore(log);
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', log.slice(1)));
  expect((await states(store)).slice(0, 3)).toEqual([
    [2, 'open', 1, now + 350_000],
    [3, 'open', 0, null],
    [4, 'repeat', 0, null],
  ]);
  const verdict = { verdictId: 'v', alertId: 'alert-5', value: 'true_positive', note: '', analyst: 'x' } as const;
  await store.ask('give_verdict', { ...verdict, givenAt: now, foldExpiresAt: null, folds: false, minScore: 0 });
  const nearest = await store.ask('nearest_decided', { alertId: 'alert-2', limit: 3 });
  expect(nearest).toMatchObject([{ id: 'alert-5', value: 'true_positive', similarity: 0.75 }]);
  expect(await store.ask('nearest_decided', { alertId: 'alert-3', limit: 3 })).toEqual([]);
});

test('a log that is followed folds as it does in a batch, however its alerts come', async () => {
  for (const size of [1, 2, 4]) {
    const store = await seededStore([]);
    for (let start = 0; start < log.length; start += size) {
      const alerts = log.slice(start, start + size).map((alert) => ({ alert, previousEventId: null, fresh: alert }));
      const run = { ...runOf(store.sourceId, 'live', []), at: now, scoredEventId: start, endsScored: [], alerts };
      const { outcomes } = await store.ask('raise_alerts', run);
      expect(outcomes.map(({ isFolded }) => isFolded)).toEqual(
        alerts.map(({ alert }) => folded.some(([event, state]) => event === alert.eventId && state === 'repeat')),
      );
    }
    expect(await states(store)).toEqual(folded);
  }
});

const listOf = async (store: TestStore) => (await states(store)).map(([event, state]) => `${event} ${state}`);
const runWith = (store: Awaited<ReturnType<typeof seededStore>>, runId: string, alerts: NewAlert[]) =>
  store.ask('replace_run', runOf(store.sourceId, runId, alerts));

test('what no mute and no verdict hides stands by itself beside a hidden alert that says the same', async () => {
  const [first, second] = [at(1, 0), at(2, 100)];
  const muted = await seededStore([first]);
  const mute = { muteId: 'm', zone: 'UTC', reason: 'scanner', expiresAt: null, minScore: 0, actor };
  await muted.ask('mute_alerts', { ...mute, filter: 'signature:s1' });
  await runWith(muted, 'run-2', [first, second]);
  expect(await listOf(muted)).toEqual(['2 open']);

  const decided = await seededStore([first, at(3, 120, like(2))].map((alert) => ({ ...alert, signature: 'same' })));
  // Folds what is there, and nothing that comes.
  const verdict = {
    verdictId: 'v',
    alertId: 'alert-3',
    value: 'false_positive_logic',
    note: '',
    analyst: 'x',
  } as const;
  await decided.ask('give_verdict', { ...verdict, givenAt: now, foldExpiresAt: null, folds: true, minScore: 0 });
  await runWith(decided, 'run-2', [{ ...first, signature: 'same' }, second]);
  expect(await listOf(decided)).toEqual(['2 open', '3 decided']);
});

test('what a mute hides is one alert again when it ends, and what loses its head does not come out from under it', async () => {
  const store = await seededStore(log);
  const mute = { muteId: 'm', zone: 'UTC', reason: 'scanner', expiresAt: null, minScore: 0, actor };
  await store.ask('mute_alerts', { ...mute, filter: 'signature:s1,s2,s4' });
  await runWith(store, 'run-2', log);
  await runWith(store, 'run-3', log.slice(1));
  expect(await listOf(store)).toEqual(['3 open', '4 repeat', '5 open', '6 open']);
  const { alertCount } = await store.ask('lift_mute', { muteId: 'm', minScore: 0, actor });
  // The fourth is counted by the second: one alert is open again.
  expect(alertCount).toBe(1);
  expect(await listOf(store)).toEqual(['2 open', '3 open', '4 repeat', '5 open', '6 open']);
});
