/** @file A run over a source again. Catches verdicts lost, numbers given twice, and alerts that stay when nothing raised them. */
import { expect, test } from 'vitest';
import type { NewAlert } from '../../src/main/store/protocol/alerts.ts';
import { seededStore } from './helpers.ts';
import type { TestStore } from './rows.ts';
import { actor, addModel, alertOf, day, importLines, now, runOf, listed } from './rows.ts';

function verdict(alertId: string, changes: object = {}) {
  return {
    verdictId: `verdict of ${alertId}`,
    alertId,
    value: 'true_positive',
    note: '',
    analyst: 'x',
    givenAt: now,
    foldExpiresAt: null,
    folds: false,
    minScore: 0,
    ...changes,
  } as const;
}

async function rows(store: TestStore) {
  const states = ['open', 'decided', 'folded'] as const;
  const pages = await Promise.all(
    states.map((state) => store.ask('list_alerts', { ...listed, tab: state, order: 'time' })),
  );
  return pages
    .flatMap((page) => page.rows)
    .sort((a, b) => a.number - b.number)
    .map(({ number, id, state, score, modelId }) => ({ number, id, state, score, modelId }));
}

test('alerts raised again keep who they are, others go, decided ones and those in cases stay', async () => {
  const store = await seededStore([1, 2, 3, 4, 5].map((event) => alertOf(event, { signature: `s${event}` })));
  await addModel(store, 'model-2');
  await store.ask('give_verdict', verdict('alert-2'));
  await store.ask('give_verdict', verdict('alert-3'));
  await store.ask('create_case', { caseId: 'c', title: 'T', alertIds: ['alert-1', 'alert-4'], actor });
  const again = [
    alertOf(1, { id: 'new-1', score: 8, signature: 's1' }),
    alertOf(2, { id: 'new-2', score: 9, signature: 's2' }),
    alertOf(6, { id: 'new-6', score: 7 }),
  ];
  const outcome = await store.ask('replace_run', { ...runOf(store.sourceId, 'run-2', again), modelId: 'model-2' });
  expect(outcome).toEqual({ raised: 3, folded: 0, removed: 1 });
  expect(await rows(store)).toEqual([
    { number: 1, id: 'alert-1', state: 'open', score: 8, modelId: 'model-2' },
    { number: 2, id: 'alert-2', state: 'decided', score: 9, modelId: 'model-2' },
    { number: 3, id: 'alert-3', state: 'decided', score: 5, modelId: 'model-1' },
    { number: 4, id: 'alert-4', state: 'open', score: 5, modelId: 'model-1' },
    { number: 6, id: 'new-6', state: 'open', score: 7, modelId: 'model-2' },
  ]);
  const { cases } = await store.ask('get_alert', { alertId: 'alert-1', now });
  expect(cases).toEqual([{ id: 'c', number: 1, title: 'T' }]);
  // A number that was given once is not given again.
  await store.ask('replace_run', runOf(store.sourceId, 'run-3', [alertOf(7)]));
  expect((await rows(store)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 7]);
});

test('a run of one source leaves those of others alone', async () => {
  const store = await seededStore([alertOf(1), alertOf(2)]);
  const other = await importLines(store, [{ raw: 'x' }]);
  await store.ask('replace_run', runOf(other.sourceId, 'run-2', [alertOf(21)]));
  await store.ask('replace_run', runOf(store.sourceId, 'run-3', []));
  expect((await rows(store)).map(({ id }) => id)).toEqual(['alert-21']);
  expect(await store.ask('list_sources', undefined)).toMatchObject([{ scoredAt: now }, { scoredAt: now }]);
});

test('an alert that is now alike others leaves the fold of those it was alike', async () => {
  const store = await seededStore([alertOf(1), alertOf(2), alertOf(3, { signature: 'bb' })]);
  await store.ask(
    'give_verdict',
    verdict('alert-1', { value: 'false_positive_logic', folds: true, foldExpiresAt: now + day }),
  );
  await store.ask(
    'give_verdict',
    verdict('alert-3', { value: 'false_positive_logic', folds: true, foldExpiresAt: now + day }),
  );
  const run = (signature: string) => [alertOf(1), alertOf(2, { signature }), alertOf(3, { signature: 'bb' })];
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', run('cc')));
  expect((await rows(store)).map(({ state }) => state)).toEqual(['decided', 'open', 'decided']);
  await store.ask('replace_run', runOf(store.sourceId, 'run-3', run('bb')));
  expect((await rows(store)).map(({ state }) => state)).toEqual(['decided', 'folded', 'decided']);
  expect((await store.ask('get_alert', { alertId: 'alert-3', now })).row.foldedCount).toBe(1);
  await store.ask('undo_action', { actor, minScore: 0 });
  await store.ask('undo_action', { actor, minScore: 0 });
  await store.ask('redo_action', { actor, minScore: 0 });
  expect((await rows(store)).map(({ state }) => state)).toEqual(['decided', 'open', 'open']);
});

test('of several folds in force the newest takes the new alerts', async () => {
  const store = await seededStore([alertOf(1), alertOf(2)]);
  const folds = { value: 'false_positive_logic', folds: true, foldExpiresAt: now + day };
  await store.ask('give_verdict', verdict('alert-1', folds));
  await store.ask('give_verdict', verdict('alert-2', folds));
  await store.ask(
    'replace_run',
    runOf(
      store.sourceId,
      'run-2',
      [1, 2, 3].map((event) => alertOf(event)),
    ),
  );
  const counts = await Promise.all(
    ['alert-1', 'alert-2'].map(async (alertId) => (await store.ask('get_alert', { alertId, now })).row.foldedCount),
  );
  expect(counts).toEqual([0, 1]);
});

test('a run that cannot be stored changes nothing', async () => {
  const store = await seededStore([alertOf(1), alertOf(2)]);
  const before = await rows(store);
  const bad = [
    { ...runOf(store.sourceId, 'run-2', [alertOf(3), alertOf(3, { id: 'twice' })]), code: 'BAD_REQUEST' },
    { ...runOf(store.sourceId, 'run-2', [alertOf(3), alertOf(9999)]), code: 'BAD_REQUEST' },
    { ...runOf(99, 'run-2', [alertOf(3)]), code: 'NOT_FOUND' },
    { ...runOf(store.sourceId, 'run-2', [alertOf(3)]), modelId: 'none', code: 'BAD_REQUEST' },
  ];
  for (const { code, ...run } of bad) await expect(store.ask('replace_run', run)).rejects.toMatchObject({ code });
  expect(await rows(store)).toEqual(before);
});

/** A finding of a session: its strongest event, and the events that surprised. */
function finding(eventId: number, [first, ...others]: [number, ...number[]], changes: Partial<NewAlert> = {}) {
  const alert = alertOf(eventId, { lastEventId: others.at(-1) ?? first, ...changes });
  const [one] = alert.evidence.culprits;
  const culprits = [first, ...others].flatMap((culprit) => (one ? [{ ...one, eventId: culprit }] : []));
  return { ...alert, evidence: { ...alert.evidence, culprits } };
}

test('a finding that was decided and is strongest at another event now is not raised anew, and its evidence stays', async () => {
  const store = await seededStore([finding(5, [3, 5, 8], { severity: 3 })]);
  await addModel(store, 'model-2');
  await store.ask('give_verdict', verdict('alert-5', { value: 'false_positive_logic' }));
  const before = await store.ask('get_alert', { alertId: 'alert-5', now });
  const again = [finding(3, [2, 3], { severity: 3, id: 'again' })];
  const outcome = await store.ask('replace_run', { ...runOf(store.sourceId, 'run-2', again), modelId: 'model-2' });
  expect(outcome).toEqual({ raised: 0, folded: 0, removed: 0 });
  expect((await rows(store)).map(({ id, state }) => [id, state])).toEqual([['alert-5', 'decided']]);
  expect(await store.ask('get_alert', { alertId: 'alert-5', now })).toEqual(before);
});

test.each([
  ['of another session', { sessionId: 2 }, [3, 8]],
  ['beside it', {}, [9, 10]],
  ['more severe than what was decided', { severity: 4 }, [3, 8]],
] as const)('a finding %s is another one', async (_which, changes, [first, last]) => {
  const store = await seededStore([finding(5, [5, 8], { severity: 3 })]);
  await store.ask('give_verdict', verdict('alert-5', { value: 'false_positive_logic' }));
  const found = finding(first, [first, last], { id: 'new', severity: 3, ...changes });
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', [found]));
  expect((await rows(store)).map(({ id, state }) => [id, state])).toEqual([
    ['alert-5', 'decided'],
    ['new', 'open'],
  ]);
});

test('of a decided finding that the run finds at its own event what else overlaps is another one', async () => {
  const store = await seededStore([finding(5, [3, 5, 8], { severity: 3 })]);
  await store.ask('give_verdict', verdict('alert-5', { value: 'false_positive_logic' }));
  const parts = [finding(3, [3], { severity: 3 }), finding(5, [5, 8], { severity: 3 })];
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', parts));
  expect((await rows(store)).map(({ id, state }) => [id, state])).toEqual([
    ['alert-5', 'decided'],
    ['alert-3', 'open'],
  ]);
});

test('an alert found harmless is as severe as the runs say, so that a wrong verdict on it leaves no trace once it is taken back; a confirmed attack is severe until then', async () => {
  const store = await seededStore([alertOf(1, { severity: 4 }), alertOf(2, { severity: 2 })]);
  await store.ask('give_verdict', verdict('alert-1', { value: 'false_positive_logic' }));
  await store.ask('give_verdict', verdict('alert-2'));
  const run = [alertOf(1, { severity: 2 }), alertOf(2, { severity: 3 })];
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', run));
  const severities = async () =>
    Promise.all(
      ['alert-1', 'alert-2'].map(async (alertId) => (await store.ask('get_alert', { alertId, now })).row.severity),
    );
  expect(await severities()).toEqual([2, 4]);
  await store.ask('undo_action', { actor, minScore: 0 });
  await store.ask('undo_action', { actor, minScore: 0 });
  expect(await severities()).toEqual([2, 3]);
});

// Bugs: of a log that is followed, only what came since the threshold last moved counts as judged; or what a later scoring judged again counts twice.
test('of a log that is followed each event counts once as judged, under whatever threshold it came', async () => {
  const store = await seededStore([]);
  const { sourceId } = store;
  await addModel(store, 'model-2');
  const judged = async () => ({
    all: await store.ask('count_judged', undefined),
    rows: await Promise.all(
      ['model-1', 'model-2'].map(async (modelId) => (await store.ask('judged_rows', { modelId, minScore: 3 })).rows),
    ),
    runs: (await store.ask('list_runs', { modelId: 'model-1' })).map((run) => [
      run.thresholdVersion,
      run.eventCount,
      run.overCount,
      run.judgedCount,
    ]),
  });
  const came = (runId: string, thresholdVersion: number, eventCount: number, alerts: NewAlert[] = []) =>
    store.ask('raise_alerts', {
      ...{ ...runOf(sourceId, runId, []), thresholdVersion, eventCount, overCount: alerts.length, at: now },
      ...{ scoredEventId: 1, endsScored: [] },
      alerts: alerts.map((alert) => ({ alert, fresh: alert, previousEventId: null })),
    });
  await came('live-1', 1, 100, [alertOf(1)]);
  await came('live-1', 1, 50);
  await came('live-2', 2, 30);
  expect(await judged()).toEqual({ all: 180, rows: [180, 0], runs: [[2, 30, 0, 180]] });
  // All that is there is judged again; what keeps an alert stays, and goes on.
  const whole = { ...runOf(sourceId, 'whole', [alertOf(1)]), thresholdVersion: 2, eventCount: 180, overCount: 1 };
  await store.ask('give_verdict', verdict('alert-1'));
  await store.ask('replace_run', { ...whole, alerts: [], lastEventId: 12 });
  await came('live-1', 2, 20, [alertOf(15)]);
  await came('live-1', 2, 5);
  expect(await judged()).toEqual({ all: 205, rows: [205, 0], runs: [[2, 205, 2, 205]] });
  await store.ask('replace_run', { ...whole, runId: 'other', modelId: 'model-2', alerts: [], eventCount: 205 });
  expect(await judged()).toEqual({ all: 205, rows: [0, 205], runs: [] });
});
