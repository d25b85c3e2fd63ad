/** @file The list to teach from and blind questions: a question that changes the verdict, or is asked of what was just decided, would spoil what was taught. */
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { workspacePaths } from '../../src/main/store/paths.ts';
import type { NewAlert } from '../../src/main/store/protocol/alerts.ts';
import type { VerdictValue } from '../../src/shared/verdicts.ts';
import { seededStore } from './helpers.ts';
import { actor, alertOf, day, listed, now, runOf, thresholdOf, type TestStore } from './rows.ts';

const asking = {
  ...{ minScore: 4, now, analyst: actor.analyst, filter: '', zone: 'UTC' },
  ...{ share: 0.1, seed: 1, most: 200, askAgainAfterMs: 7 * day },
};
const give = (store: TestStore, alertId: string, value: VerdictValue, givenAt = now) =>
  store.ask('give_verdict', {
    ...{ verdictId: `v-${alertId}-${givenAt}-${value}`, alertId, value, note: '', analyst: actor.analyst, givenAt },
    ...{ minScore: 4, foldExpiresAt: null, folds: false },
  });
/** Alerts of kinds of their own; the last two are below the threshold of 4. */
const scores = [9, 6, 4.1, 3.9, 3.5];
const ownAlerts = (): NewAlert[] =>
  scores.map((score, at) =>
    alertOf(at + 1, { score, severity: score > 5 ? 4 : 1, signature: `s${at}`, templateIndex: at }),
  );
async function teachStore() {
  const samples = [10, 11].map((eventId) => ({ alert: alertOf(eventId, { score: 1, signature: 'd' }), weight: 40 }));
  const store = await seededStore([]);
  await store.ask('replace_run', { ...runOf(store.sourceId, 'run-2', ownAlerts()), samples });
  return store;
}

describe('the list to teach from', () => {
  it('has what tells most first, also what was kept below the threshold, and what was drawn with what it stands for', async () => {
    const { rows } = await (await teachStore()).ask('list_teach', asking);
    const told = rows.filter(({ asked }) => asked.why !== 'sample').map(({ id }) => id);
    expect(told).toEqual(['alert-3', 'alert-5', 'alert-4', 'alert-2', 'alert-1']);
    const drawn = rows.filter(({ asked }) => asked.why === 'sample');
    expect(drawn.map(({ id, asked }) => [id, asked.oneOf]).sort()).toEqual([
      ['alert-10', 40],
      ['alert-11', 40],
    ]);
    expect(rows.every(({ asked }) => asked.why === 'unlike' || asked.why === 'sample')).toBe(true);
  });

  it('asks last of what is like a confirmed threat, until that is taken back: alike alerts of another verdict are not known', async () => {
    const store = await seededStore([]);
    const alike = [1, 2, 3, 4].map((id) => alertOf(id, { score: 5, signature: 'a', templateIndex: 1 }));
    const own = [...alike, alertOf(5, { score: 4.2, signature: 'b', templateIndex: 2 })];
    await store.ask('replace_run', runOf(store.sourceId, 'run-2', own));
    const first = async () => (await store.ask('list_teach', asking)).rows[0]?.id;
    await give(store, 'alert-1', 'true_positive');
    expect(await first()).toBe('alert-5');
    await store.ask('undo_action', { actor, minScore: 4 });
    expect(await first()).toBe('alert-1');
  });

  it('keeps to the filter, and lets go of what is decided', async () => {
    const store = await teachStore();
    const filtered = await store.ask('list_teach', { ...asking, filter: 'score>5' });
    expect(filtered.rows.map(({ id }) => id)).toEqual(['alert-2', 'alert-1']);
    await give(store, 'alert-10', 'false_positive_logic');
    const { rows } = await store.ask('list_teach', asking);
    expect(rows.map(({ id }) => id)).not.toContain('alert-10');
  });
});

describe('a blind question', () => {
  const questionIn = async (store: TestStore, changes = {}) =>
    (await store.ask('list_teach', { ...asking, ...changes })).rows.find(({ asked }) => asked.why === 'again');

  it('asks what its analyst decided long ago, without what was said', async () => {
    const store = await teachStore();
    await give(store, 'alert-1', 'true_positive', now - 8 * day);
    await give(store, 'alert-2', 'true_positive', now - day);
    const question = await questionIn(store);
    expect(question).toMatchObject({ id: 'alert-1', state: 'open', verdict: null, foldedCount: 0, isViewed: false });
    expect(await questionIn(store, { analyst: 'p.adler' })).toBeUndefined();
    expect(await questionIn(store, { now: now - 7 * day })).toBeUndefined();
  });

  it('shows nothing of what was said of it or its like, nor what that did to it', async () => {
    const store = await seededStore([]);
    const alike = [1, 2].map((id) => alertOf(id, { score: 5, severity: 2 }));
    await store.ask('replace_run', runOf(store.sourceId, 'run-2', alike));
    await give(store, 'alert-1', 'true_positive', now - 8 * day);
    await give(store, 'alert-2', 'true_positive', now - day);
    await store.ask('assign_alerts', {
      ...{ selection: { kind: 'ids', ids: ['alert-1'] }, owner: actor.analyst, minScore: 4, actor },
    });
    const { row } = await store.ask('get_alert', { alertId: 'alert-1', now });
    expect([row.severity, row.seenBefore.true_positive]).toEqual([expect.not.toBeOneOf([2]), 1]);
    const blind = {
      ...{ id: 'alert-1', state: 'open', severity: 2, verdict: null, isKnownThreat: false, owner: null },
      ...{ caseNumber: null, foldedCount: 0, seenBefore: expect.objectContaining({ true_positive: 0 }) },
    };
    expect(await questionIn(store)).toMatchObject(blind);
    expect(await store.ask('get_alert', { alertId: 'alert-1', now, isBlind: true })).toMatchObject({
      ...{ row: blind, history: [], cases: [] },
    });
  });

  it('is to a filter what it is to who is asked: undecided, as severe as it was, nobody’s and in no case', async () => {
    const store = await seededStore([]);
    await store.ask('replace_run', runOf(store.sourceId, 'run-2', [alertOf(1, { score: 5, severity: 2 })]));
    await give(store, 'alert-1', 'true_positive', now - 8 * day);
    await store.ask('create_case', { caseId: 'case-1', title: 'One', alertIds: ['alert-1'], actor });
    await store.ask('assign_alerts', {
      ...{ selection: { kind: 'ids', ids: ['alert-1'] }, owner: actor.analyst, minScore: 4, actor },
    });
    const isFound = async (filter: string): Promise<boolean> =>
      (await store.ask('list_teach', { ...asking, filter })).rows.some(({ id }) => id === 'alert-1');
    const told = ['verdict:true', 'verdict:any', 'is:viewed', 'owner:any', 'case:any', 'severity>low', '-verdict:none'];
    for (const filter of told) expect([filter, await isFound(filter)]).toEqual([filter, false]);
    const kept = ['verdict:none', '-verdict:true', 'is:new', 'owner:none', 'case:none', 'severity:low', 'score>4'];
    for (const filter of kept) expect([filter, await isFound(filter)]).toEqual([filter, true]);
  });

  it('comes after so many more labels by chance: it rises as others do, and no place is known to be its own', async () => {
    const store = await seededStore([], 40);
    const own = Array.from({ length: 40 }, (_, at) => alertOf(at + 1, { score: 5, signature: `s${at}` }));
    await store.ask('replace_run', runOf(store.sourceId, 'run-2', own));
    await give(store, 'alert-40', 'true_positive', now - 8 * day);
    const placeOf = async (changes = {}): Promise<number> =>
      (await store.ask('list_teach', { ...asking, ...changes })).rows.findIndex(({ asked }) => asked.why === 'again');
    const places = new Set<number>();
    for (let seed = 1; seed <= 12; seed++) places.add(await placeOf({ seed }));
    expect(places.size).toBeGreaterThan(4);
    const before = await placeOf({ seed: 3 });
    await give(store, 'alert-1', 'undetermined');
    expect(await placeOf({ seed: 3 })).toBe((before + 19) % 20);
  });

  it('has an answer that leaves the verdict what it is, is not asked twice, and is taken back by undo', async () => {
    const store = await teachStore();
    await give(store, 'alert-1', 'true_positive', now - 8 * day);
    const answer = { alertId: 'alert-1', value: 'false_positive_data' as const, actor };
    expect(await store.ask('answer_again', answer)).toEqual({
      ...{ before: 'true_positive', givenAt: now - 8 * day, isSame: false },
    });
    expect((await store.ask('get_alert', { alertId: 'alert-1', now })).row.verdict?.value).toBe('true_positive');
    expect(await questionIn(store)).toBeUndefined();
    const read = () => store.ask('read_learning', { edges: [now - day, now], analyst: actor.analyst });
    expect((await read()).answers).toMatchObject([
      { number: 1, before: 'true_positive', value: 'false_positive_data', stands: true },
    ]);
    expect(await store.ask('undo_action', { actor, minScore: 4 })).toMatchObject({
      kind: 'answer',
      alertId: 'alert-1',
    });
    expect((await read()).answers).toEqual([]);
    expect((await questionIn(store))?.id).toBe('alert-1');
    await store.ask('redo_action', { actor, minScore: 4 });
    expect((await read()).answers).toHaveLength(1);
  });

  it('replaced by its answer is one verdict, learned once, and no longer to be looked at', async () => {
    const store = await teachStore();
    await give(store, 'alert-1', 'true_positive', now - 8 * day);
    await store.ask('answer_again', { alertId: 'alert-1', value: 'false_positive_data', actor });
    await give(store, 'alert-1', 'false_positive_data');
    const { answers } = await store.ask('read_learning', { edges: [now - day, now], analyst: actor.analyst });
    expect(answers).toMatchObject([{ before: 'true_positive', value: 'false_positive_data', stands: false }]);
    expect(await store.ask('labelled_scores', { modelId: 'model-1' })).toMatchObject([
      { value: 'false_positive_data' },
    ]);
    expect(await questionIn(store)).toBeUndefined();
  });

  it('of a verdict that was taken back is refused', async () => {
    const store = await teachStore();
    const answer = { alertId: 'alert-1', value: 'undetermined' as const, actor };
    await expect(store.ask('answer_again', answer)).rejects.toThrow('was taken back');
  });
});

describe('what was missed', () => {
  const mark = (store: TestStore & { sourceId: number }, eventId: number, score = 1) =>
    store.ask('mark_missed', {
      ...{ sourceId: store.sourceId, minScore: 4, actor },
      alert: alertOf(eventId, { score, id: `missed-${eventId}`, signature: 'm' }),
    });

  it('is an alert that no list has until it is decided, and none again when that is undone', async () => {
    const store = await teachStore();
    expect(await mark(store, 15)).toEqual({ alertId: 'missed-15', isNew: true });
    const decided = async () =>
      (await store.ask('list_alerts', { ...listed, tab: 'decided' })).rows.map(({ id, origin }) => [id, origin]);
    expect(await decided()).toEqual([]);
    await give(store, 'missed-15', 'true_positive');
    expect(await decided()).toEqual([['missed-15', 'missed']]);
    await store.ask('undo_action', { actor, minScore: 4 });
    expect(await decided()).toEqual([]);
    const ids = (await store.ask('list_teach', asking)).rows.map(({ id }) => id);
    expect(ids).not.toContain('missed-15');
    await store.ask('redo_action', { actor, minScore: 4 });
    expect(await decided()).toEqual([['missed-15', 'missed']]);
  });

  it('is the alert that is there, where there is one', async () => {
    const store = await teachStore();
    expect(await mark(store, 4, 3.9)).toEqual({ alertId: 'alert-4', isNew: false });
    expect(await mark(store, 10)).toEqual({ alertId: 'alert-10', isNew: false });
    expect((await store.ask('get_alert', { alertId: 'alert-10', now })).row.origin).toBe('missed');
  });

  // Bug: what was kept below the threshold and is named as missed was counted nowhere.
  it('of an alert that was kept below the threshold is counted, beside what recall is told by, until it is taken back', async () => {
    const store = await seededStore([]);
    await store.ask('add_threshold', { threshold: thresholdOf(4), actor });
    const own = ownAlerts();
    const samples = [{ alert: alertOf(10, { score: 1, signature: 'd' }), weight: 40 }];
    const { version } = (await store.ask('list_thresholds', { modelId: null })).at(-1) ?? {};
    await store.ask('replace_run', { ...runOf(store.sourceId, 'run-2', own), thresholdVersion: version ?? 0, samples });
    const read = () => store.ask('read_learning', { edges: [now - day, now], analyst: actor.analyst });
    const { unflaggedThreats: none, ...before } = await read();
    expect(await mark(store, 5)).toEqual({ alertId: 'alert-5', isNew: false });
    await give(store, 'alert-5', 'true_positive');
    // Neither what was flagged nor what is harmless.
    await give(store, 'alert-4', 'false_positive_logic');
    const { unflaggedThreats, ...after } = await read();
    expect([none, unflaggedThreats, after]).toEqual([0, 1, before]);
    await give(store, 'alert-1', 'true_positive');
    expect(await read()).toMatchObject({ unflaggedThreats: 1, missed: [] });
    for (let step = 0; step < 3; step++) await store.ask('undo_action', { actor, minScore: 4 });
    expect((await read()).unflaggedThreats).toBe(0);
  });

  it('stays missed while a later run does not flag it, and is found by one that does', async () => {
    const store = await teachStore();
    await mark(store, 15);
    await give(store, 'missed-15', 'true_positive');
    await store.ask('replace_run', runOf(store.sourceId, 'run-3', []));
    const origin = async () => (await store.ask('get_alert', { alertId: 'missed-15', now })).row.origin;
    expect(await origin()).toBe('missed');
    await store.ask('replace_run', runOf(store.sourceId, 'run-4', [alertOf(15, { score: 8 })]));
    expect(await origin()).toBe('detector');
  });
});

describe('figures of learning', () => {
  const edges = [now - 2 * day, now - day, now];
  const read = (store: TestStore) => store.ask('read_learning', { edges, analyst: actor.analyst });

  // Bugs: of very many alerts some are counted twice or not at all; and a verdict waits until all of them are gone through.
  it('are of all alerts, however many there are, and let others in', async () => {
    const store = await seededStore([]);
    const db = new Database(workspacePaths(store.directory).database);
    const alerts: NewAlert[] = [];
    for (const number of [1, 10_000, 10_001, 25_000]) {
      db.prepare(`UPDATE counter SET next = ? WHERE name = 'alert'`).run(number);
      alerts.push(alertOf(alerts.length + 1, { signature: 'a' }));
      await store.ask('replace_run', runOf(store.sourceId, `passed-${number}`, alerts));
    }
    db.close();
    let wasLetIn = false;
    setImmediate(() => (wasLetIn = true));
    expect((await read(store)).flagged).toMatchObject([{ bin: 2, undecided: 4 }]);
    expect(wasLetIn).toBe(true);
  });

  it('count flagged events by what is said of them, folded ones by the verdict they fold under', async () => {
    const store = await seededStore([
      alertOf(1, { signature: 'a', eventCount: 3 }),
      alertOf(2, { signature: 'a', eventCount: 2 }),
      alertOf(3, { signature: 'b', eventCount: 5 }),
      alertOf(4, { signature: 'c', at: now - 30 * day }),
    ]);
    await store.ask('give_verdict', {
      ...{
        verdictId: 'v1',
        alertId: 'alert-1',
        value: 'false_positive_data',
        note: '',
        analyst: actor.analyst,
        givenAt: now,
      },
      ...{ minScore: 0, foldExpiresAt: now + day, folds: true },
    });
    await give(store, 'alert-4', 'false_positive_logic');
    expect((await read(store)).flagged).toEqual([
      { bin: 0, severity: 4, threat: 0, harmless: 1, undecided: 0, right: 0, wrong: 1 },
      { bin: 2, severity: 4, threat: 0, harmless: 5, undecided: 5, right: 0, wrong: 1 },
    ]);
  });

  const flagged = async (store: TestStore): Promise<number> =>
    (await read(store)).flagged.reduce((sum, one) => sum + one.threat + one.harmless + one.undecided, 0);
  /** With a threshold of 4 from the first run on. */
  const judgedStore = async () => {
    const store = await seededStore([]);
    await store.ask('add_threshold', { threshold: thresholdOf(4), actor });
    await store.ask('replace_run', runOf(store.sourceId, 'run-2', ownAlerts()));
    return store;
  };

  it('leave out what a later run no longer flags, and what was kept below the threshold it had', async () => {
    const store = await judgedStore();
    expect(await flagged(store)).toBe(3);
    await give(store, 'alert-1', 'true_positive');
    await store.ask('replace_run', runOf(store.sourceId, 'run-3', [alertOf(2)]));
    expect(await flagged(store)).toBe(1);
  });

  it('are of what was flagged, whatever verdicts made of its score since (false alarms that were learned from left precision, and threats recall)', async () => {
    const store = await judgedStore();
    for (const id of ['alert-1', 'alert-2']) await give(store, id, 'false_positive_logic');
    await give(store, 'alert-3', 'true_positive');
    const told = async () => {
      const { flagged: all } = await read(store);
      const sum = (of: 'right' | 'wrong'): number => all.reduce((total, one) => total + one[of], 0);
      return [sum('right'), sum('wrong')];
    };
    expect(await told()).toEqual([1, 2]);
    const pooled = {
      scores: [9],
      ranks: [1],
      count: 1,
      tail: { startBits: 9, startProbability: 0.5, scale: 1, shape: 0 },
    };
    const under = {
      modelId: 'model-1',
      weights: [{ id: 'key' as const, weight: 0.1 }],
      second: { pooled, groups: {} },
    };
    const to = { ...under, thresholdScore: 4, afterNumber: 0, limit: 100 };
    expect(await store.ask('rescore_alerts', to)).toMatchObject({ changedCount: 5 });
    const { rows } = await store.ask('list_alerts', { ...listed, tab: 'all' });
    expect(rows.filter(({ score }) => score >= 4)).toEqual([]);
    expect(await told()).toEqual([1, 2]);
  });

  it('tell of alerts alike that were judged both ways, with the newest of each side', async () => {
    const store = await seededStore([alertOf(1), alertOf(2), alertOf(3), alertOf(4, { signature: 'bb' })]);
    await give(store, 'alert-1', 'true_positive');
    expect(await store.ask('list_contradictions', { limit: 9 })).toEqual([]);
    await give(store, 'alert-2', 'false_positive_logic');
    await give(store, 'alert-3', 'true_positive');
    await give(store, 'alert-4', 'false_positive_data');
    expect(await store.ask('list_contradictions', { limit: 9 })).toMatchObject([
      { threat: { id: 'alert-3' }, harmless: { id: 'alert-2' }, counts: [2, 1] },
    ]);
    await give(store, 'alert-2', 'undetermined');
    expect(await store.ask('list_contradictions', { limit: 9 })).toEqual([]);
  });
});
