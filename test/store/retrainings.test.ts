/** @file Proposed models in the store. Catches one that is in use before it is adopted, half an adoption, an undecided alert taken for normal, and windows of other events. */
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { workspacePaths } from '../../src/main/store/paths.ts';
import type { GateReport } from '../../src/shared/retraining.ts';
import { addModel, actor, alertOf, importLines, now, runOf, type TestStore } from './rows.ts';
import { openTestStore, seededStore } from './helpers.ts';

const report = {
  checks: [],
  learned: { threats: 9, harmless: 9 },
  heldOut: { threats: 2, harmless: 2 },
} as unknown as GateReport;
const threshold = {
  modelId: 'model-2',
  score: 3,
  budgetScore: 3,
  reason: 'learned' as const,
  preset: { kind: 'budget' as const },
  budget: { alerts: 20, per: 'day' as const },
  eventsPerPeriod: 1000,
  calibrationEvents: 100,
  meaning: 'As before.',
  createdAt: now,
  verdictCount: 0,
};

async function proposed(): Promise<TestStore> {
  const store = await openTestStore();
  await addModel(store);
  await store.ask('use_model', { modelId: 'model-1', actor });
  await addModel(store, 'model-2');
  await store.ask('propose_model', {
    id: 'model-2',
    card: {},
    curve: [],
    files: [],
    parentId: 'model-1',
    report,
    actor,
  });
  return store;
}

const inUse = async (store: TestStore): Promise<string | undefined> =>
  (await store.ask('list_models', undefined)).find(({ state }) => state === 'in_use')?.id;

test('a proposed model is not used before it is adopted, which is one step with its threshold', async () => {
  const store = await proposed();
  await expect(store.ask('use_model', { modelId: 'model-2', actor })).rejects.toMatchObject({ code: 'CONFLICT' });
  const wrong = {
    modelId: 'model-2',
    threshold: { ...threshold, modelId: 'nobody' },
    override: null,
    verdictNumber: 0,
    scoring: null,
    actor,
  };
  await expect(store.ask('adopt_retraining', wrong)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await inUse(store)).toBe('model-1');
  expect((await store.ask('list_retrainings', undefined))[0]).toMatchObject({ state: 'proposed', decidedAt: null });
  const scoring = { id: 'job', kind: 'score', subject: 'log', input: { sourceIds: [1] }, startedAt: now };
  const adoption = { modelId: 'model-2', threshold, override: 'in so many words', verdictNumber: 0, scoring, actor };
  expect(await store.ask('count_adopted', undefined)).toBe(0);
  expect(await store.ask('adopt_retraining', adoption)).toEqual({ isAdopted: true });
  expect(await store.ask('list_jobs', undefined)).toMatchObject([scoring]);
  expect(await inUse(store)).toBe('model-2');
  expect(await store.ask('count_adopted', undefined)).toBe(1);
  expect((await store.ask('list_retrainings', undefined))[0]).toMatchObject({
    state: 'adopted',
    override: 'in so many words',
    modelNumber: 2,
    parentNumber: 1,
  });
  expect(await store.ask('current_threshold', undefined)).toMatchObject({ modelId: 'model-2', score: 3 });
  await store.ask('use_model', { modelId: 'model-1', actor });
  await store.ask('use_model', { modelId: 'model-2', actor });
  expect(await inUse(store)).toBe('model-2');
});

test('a verdict that the gate has not seen, also one taken back, keeps a model from being adopted', async () => {
  const store = await proposed();
  const { sourceId } = await importLines(store, [{ raw: 'x' }]);
  await store.ask('replace_run', runOf(sourceId, 'run-1', [alertOf(1)]));
  const verdict = { verdictId: 'v', alertId: 'alert-1', value: 'true_positive', note: '', analyst: 'x' } as const;
  const adopt = (verdictNumber: number) =>
    store.ask('adopt_retraining', {
      ...{ modelId: 'model-2', threshold, override: null, verdictNumber, actor },
      scoring: { id: `job-${verdictNumber}`, kind: 'score', subject: 'log', input: {}, startedAt: now },
    });
  await store.ask('give_verdict', { ...verdict, givenAt: now, foldExpiresAt: null, folds: false, minScore: 0 });
  expect(await adopt(0)).toEqual({ isAdopted: false });
  const given = await store.ask('newest_verdict', undefined);
  await store.ask('undo_action', { actor, minScore: 0 });
  expect(await adopt(given)).toEqual({ isAdopted: false });
  expect(await inUse(store)).toBe('model-1');
  expect((await store.ask('list_retrainings', undefined))[0]).toMatchObject({ state: 'proposed' });
  expect(await store.ask('list_jobs', undefined)).toEqual([]);
  expect(await adopt(await store.ask('newest_verdict', undefined))).toEqual({ isAdopted: true });
});

// Bug: that an adoption was asked for and refused was recorded nowhere.
test('an adoption that is refused is recorded with why, in one step with what the gate found', async () => {
  const store = await proposed();
  const lost = { id: 'lost', isHeld: false };
  const found = { ...report, checks: [lost, { id: 'recall', isHeld: true }], replay: { lost: { count: 2 } } };
  const judged = { modelId: 'model-2', report: found as unknown as GateReport, actor };
  await store.ask('set_gate_report', { ...judged, isRefused: false });
  await store.ask('set_gate_report', { ...judged, isRefused: true });
  const db = new Database(workspacePaths(store.directory).database, { readonly: true });
  const refusals = db
    .prepare<[], { subject: string; analyst: string; details: string }>(
      `SELECT subject, analyst, details FROM audit WHERE action = 'retraining.refused'`,
    )
    .all();
  db.close();
  expect(refusals.map((one) => ({ ...one, details: JSON.parse(one.details) as unknown }))).toEqual([
    { subject: 'model-2', analyst: actor.analyst, details: { parentId: 'model-1', failed: ['lost'], lost: 2 } },
  ]);
  expect((await store.ask('list_retrainings', undefined))[0]).toMatchObject({ state: 'proposed', report: found });
});

test('discarding takes the model out and keeps the report', async () => {
  const store = await proposed();
  await store.ask('discard_retraining', { modelId: 'model-2', actor });
  expect((await store.ask('list_models', undefined)).map(({ id }) => id)).toEqual(['model-1']);
  expect((await store.ask('list_retrainings', undefined))[0]).toMatchObject({ state: 'discarded', report });
  const adoption = store.ask('adopt_retraining', {
    modelId: 'model-2',
    threshold,
    override: null,
    verdictNumber: 0,
    scoring: null,
    actor,
  });
  await expect(adoption).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await store.ask('verify_audit', undefined)).brokenAt).toBeNull();
});

test('a window ends with its event and tells the place in the session, also behind another alert of it', async () => {
  const store = await openTestStore();
  await addModel(store);
  const lines = Array.from({ length: 12 }, (_, row) => ({ raw: 'x', template: row, session: (row % 2) + 1 }));
  const { sourceId, firstEventId, firstSessionId } = await importLines(store, lines);
  // Rows 4 and 10 are of the first session, at its places 2 and 5; 10 is its last.
  const alerts = [4, 10].map((row) => alertOf(firstEventId + row, { sessionId: firstSessionId }));
  await store.ask('replace_run', runOf(sourceId, 'run-1', alerts));
  const numbers = await store.ask('list_alert_numbers', { decidedOnly: false });
  const page = await store.ask('read_alert_windows', { numbers, events: 3 });
  expect(page.alerts.map(({ place, isSessionEnd }) => [place, isSessionEnd])).toEqual([
    [2, false],
    [5, true],
  ]);
  const templates = [...page.keys].filter((_, index) => index % 2 === 0);
  expect([...page.offsets]).toEqual([0, 3, 6]);
  expect(templates).toEqual([0, 2, 4, 6, 8, 10]);
  expect(page.alerts[0]?.votes).toEqual([{ detector: 'key', score: 5.5 }]);
});

test('nothing under an alert that is shown and undecided, or under a threat, is taken as normal', async () => {
  const store = await seededStore([
    alertOf(1),
    alertOf(2, { score: 1 }),
    alertOf(3, { signature: 'bb' }),
    alertOf(4, { signature: 'cc' }),
  ]);
  const give = (alertId: string, value: 'true_positive' | 'false_positive_logic', verdictId: string) =>
    store.ask('give_verdict', {
      ...{ verdictId, alertId, value, note: '', analyst: 'j.keller', givenAt: now, foldExpiresAt: null },
      ...{ folds: false, minScore: 3 },
    });
  await give('alert-3', 'true_positive', 'v1');
  await give('alert-4', 'false_positive_logic', 'v2');
  const all = { sourceId: store.sourceId, minScore: 3, after: { eventId: 0, number: 0 }, limit: 100 };
  const said = (await store.ask('read_log_alerts', all)).map((alert) => [alert.eventId, alert.said]);
  expect(said).toEqual([
    [1, 'undecided'],
    [3, 'threat'],
    [4, 'harmless'],
  ]);
  const labelled = await store.ask('read_labelled_alerts', undefined);
  expect(labelled.map(({ value, isModelRemoved }) => [value, isModelRemoved])).toEqual([
    ['true_positive', false],
    ['false_positive_logic', false],
  ]);
  expect(await store.ask('count_verdicts', { after: now - 1, afterNumber: 0 })).toBe(2);
  expect(await store.ask('count_verdicts', { after: now, afterNumber: 0 })).toBe(0);
});

test('what lies under an alert begins with the first that surprised, is told in pages, and what a decided alert counts is decided with it', async () => {
  const culprit = { isEnd: false, bits: 9, modelBits: null, expected: [] };
  const begun = [4, 6, 9].map((eventId) => ({ ...culprit, eventId }));
  const alike = { fingerprint: 'x', profile: { actor: 'anna', culprits: [[1, 1]] as [number, number][] } };
  const store = await seededStore([
    alertOf(6, { lastEventId: 9, evidence: { votes: [], culprits: begun } }),
    alertOf(12, { ...alike, signature: 'bb', at: now }),
    alertOf(14, { ...alike, signature: 'cc', at: now + 1000 }),
  ]);
  const give = {
    ...{ verdictId: 'v', alertId: 'alert-12', value: 'false_positive_logic' as const, note: '', analyst: 'j.keller' },
    ...{ givenAt: now, foldExpiresAt: null, folds: false, minScore: 3 },
  };
  const { sourceId } = store;
  const read = async (after: { eventId: number; number: number }) =>
    store.ask('read_log_alerts', { sourceId, minScore: 3, after, limit: 2 });
  const [first, second] = await read({ eventId: 0, number: 0 });
  expect(first).toMatchObject({ eventId: 6, firstEventId: 4, lastEventId: 9, said: 'undecided' });
  expect(await read(second ?? { eventId: 0, number: 0 })).toMatchObject([{ eventId: 14, said: 'undecided' }]);
  await store.ask('give_verdict', give);
  expect(await read(first ?? { eventId: 0, number: 0 })).toMatchObject([
    { eventId: 12, said: 'harmless' },
    { eventId: 14, said: 'harmless' },
  ]);
});
