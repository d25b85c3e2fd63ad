/** @file What one verdict says of other alerts. Catches a threat that folds, a fold wider than was said, a trace that is left. */
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { workspacePaths } from '../../src/main/store/paths.ts';
import type { NewAlert } from '../../src/main/store/protocol/alerts.ts';
import { given, look, seeded, storeWith, threat, threshold, until, type SeededStore } from './alike.ts';
import { seededStore } from './helpers.ts';
import { actor, addModel, alertOf, importLines, listed, now, runOf, type TestStore } from './rows.ts';

test('what is like a confirmed threat is known: shown below the threshold, severe, never folded; undo leaves no trace', async () => {
  const store = await seeded();
  const before = await look(store);
  expect(before).not.toContain('alert-3 open 3.6 1');
  const outcome = await store.ask('give_verdict', given('v', 'alert-1', threat));
  expect(outcome).toMatchObject({ foldedCount: 0, knownCount: 2 });
  expect(await look(store)).toEqual([
    'alert-1 decided 5 4',
    'alert-2 open known 5 4',
    'alert-3 open known 3.6 4',
    'alert-4 open 5 2',
  ]);
  await store.ask('undo_action', { actor, minScore: 4 });
  expect(await look(store)).toEqual(before);
  await store.ask('redo_action', { actor, minScore: 4 });
  expect(await look(store)).toContain('alert-3 open known 3.6 4');
});

test('a known threat that comes later is known at once, and stays above a threshold that rises', async () => {
  const store = await seeded();
  await store.ask('give_verdict', given('v', 'alert-1', threat));
  const alerts = [1, 2, 3].map((id) => alertOf(id, { score: 3.6, severity: 1 }));
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', alerts));
  expect(await look(store)).toEqual(['alert-1 decided 3.6 4', 'alert-2 open known 3.6 4', 'alert-3 open known 3.6 4']);
  await store.ask('add_threshold', { threshold: { ...threshold, score: 7 }, actor });
  await store.ask('fold_again', { limit: 1000 });
  expect(await look(store, 7)).toContain('alert-3 open known 3.6 4');
});

test('what was benign folds what the same actor does, and nobody else', async () => {
  const store = await seeded();
  const benign = { value: 'benign_true_positive', scope: 'entity', minScore: 0 } as const;
  expect(await store.ask('give_verdict', given('v', 'alert-1', benign))).toMatchObject({ foldedCount: 1 });
  expect(await look(store, 0)).toEqual(expect.arrayContaining(['alert-2 folded 5 2', 'alert-3 open 3.6 1']));
  const later = [1, 2, 3].map((id) => alertOf(id, { score: 5, severity: 2, entityHash: 7 }));
  const others = [5, 6].map((id) => alertOf(id, { score: 5, severity: 2, entityHash: id === 5 ? 7 : 9 }));
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', [...later, ...others]));
  expect(await look(store)).toEqual(expect.arrayContaining(['alert-5 folded 5 2', 'alert-6 open 5 2']));
});

test('what was confirmed for an attack is severe, and when the verdict goes as severe as its figures of now', async () => {
  const store = await seeded();
  await store.ask('give_verdict', given('tp', 'alert-4', threat));
  expect(await look(store)).toContain('alert-4 decided 5 4');
  await store.ask(
    'replace_run',
    runOf(store.sourceId, 'run-2', [alertOf(4, { score: 4.2, severity: 1, signature: 'other' })]),
  );
  expect(await look(store)).toContain('alert-4 decided 4.2 4');
  await store.ask('give_verdict', given('fp', 'alert-4', { folds: false, foldExpiresAt: null }));
  expect(await look(store)).toContain('alert-4 decided 4.2 1');
  await store.ask('undo_action', { actor, minScore: 4 });
  expect(await look(store)).toContain('alert-4 decided 4.2 4');
  await store.ask('undo_action', { actor, minScore: 4 });
  expect(await look(store)).toContain('alert-4 open 4.2 1');
});

test('a job by cron is the same actor in its next process', async () => {
  const store = await seeded();
  const job = (id: number, pid: number, actorHash: string) =>
    alertOf(id, {
      ...{ score: 5, severity: 2, signature: 'job', entityKind: 'process', entityHash: pid },
      profile: { actor: actorHash, culprits: [[4, 1]] },
    });
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', [job(1, 7678, 'backup'), job(2, 7849, 'backup')]));
  const benign = { value: 'benign_true_positive', scope: 'entity', minScore: 0 } as const;
  expect(await store.ask('give_verdict', given('v', 'alert-1', benign))).toMatchObject({ foldedCount: 1 });
  const later = [job(1, 7678, 'backup'), job(2, 7849, 'backup'), job(5, 9001, 'backup'), job(6, 9002, 'other')];
  await store.ask('replace_run', runOf(store.sourceId, 'run-3', later));
  expect(await look(store)).toEqual(expect.arrayContaining(['alert-5 folded 5 2', 'alert-6 open 5 2']));
});

test('a wide verdict folds the kind of line, but not what is known for a threat', async () => {
  const store = await seeded();
  await store.ask('give_verdict', given('tp', 'alert-4', threat));
  const alerts = [1, 2, 4, 5].map((id) => alertOf(id, { score: 5, severity: 2, signature: id < 4 ? 'aa' : 'other' }));
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', alerts));
  await store.ask('give_verdict', given('fp', 'alert-1', { scope: 'template' }));
  expect(await look(store)).toEqual([
    'alert-1 decided 5 2',
    'alert-2 folded 5 2',
    'alert-4 decided 5 4',
    'alert-5 open known 5 4',
  ]);
});

test('what is forgotten opens what folded under it and folds nothing that comes; its verdict stays', async () => {
  const store = await seeded();
  await store.ask('give_verdict', given('fp', 'alert-1'));
  const [entry] = await store.ask('list_memory', undefined);
  expect(entry).toMatchObject({
    kind: 'harmless',
    scope: 'signature',
    alertCount: 1,
    expiresAt: until,
    alertId: 'alert-1',
  });
  expect(await store.ask('forget_memory', { number: entry?.number ?? 0, actor })).toEqual({ openedCount: 1 });
  expect(await store.ask('list_memory', undefined)).toEqual([]);
  await store.ask(
    'replace_run',
    runOf(
      store.sourceId,
      'run-2',
      [1, 2, 5].map((id) => alertOf(id, { score: 5 })),
    ),
  );
  expect((await look(store)).filter((line) => line.includes('folded'))).toEqual([]);
  expect(await store.ask('alert_counts', { minScore: 4 })).toMatchObject({ decided: 1 });
  await expect(store.ask('forget_memory', { number: 99, actor })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('what was forgotten is remembered again by undo, with what it folded and what came since; redo forgets it again', async () => {
  const store = await seeded();
  await store.ask('give_verdict', given('fp', 'alert-1'));
  const [entry] = await store.ask('list_memory', undefined);
  const whole = await look(store);
  expect(whole).toContain('alert-2 folded 5 2');
  await store.ask('forget_memory', { number: entry?.number ?? 0, actor });
  const run = [1, 2, 5].map((id) => alertOf(id, { score: 5, severity: 2, entityHash: 7 }));
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', run));
  const forgotten = await look(store);
  expect(forgotten).toEqual(['alert-1 decided 5 2', 'alert-2 open 5 2', 'alert-5 open 5 2']);
  expect(await store.ask('undo_action', { actor, minScore: 4 })).toMatchObject({ kind: 'forget', foldedCount: 2 });
  expect(await look(store)).toEqual(['alert-1 decided 5 2', 'alert-2 folded 5 2', 'alert-5 folded 5 2']);
  expect(await store.ask('list_memory', undefined)).toMatchObject([{ number: entry?.number, alertCount: 2 }]);
  await store.ask('redo_action', { actor, minScore: 4 });
  expect([await look(store), await store.ask('list_memory', undefined)]).toEqual([forgotten, []]);
  // The verdict is another step.
  await store.ask('undo_action', { actor, minScore: 4 });
  expect(await store.ask('undo_action', { actor, minScore: 4 })).toMatchObject({ kind: 'verdict' });
  const db = new Database(workspacePaths(store.directory).database, { readonly: true });
  const audit = db.prepare(`SELECT action FROM audit WHERE action GLOB 'memory.*' ORDER BY sequence`).pluck().all();
  db.close();
  expect(audit).toEqual(['memory.forgotten', 'memory.put_back', 'memory.forgotten', 'memory.put_back']);
});

test('a threat that was forgotten is known again by undo, and only what one verdict decided', async () => {
  const store = await seeded();
  await store.ask('give_verdict', given('tp', 'alert-1', threat));
  await store.ask('give_verdict', given('other', 'alert-4'));
  const before = await look(store);
  const entry = (await store.ask('list_memory', undefined)).find(({ kind }) => kind === 'threat');
  await store.ask('forget_memory', { number: entry?.number ?? 0, actor });
  expect((await look(store)).filter((line) => line.includes('known'))).toEqual([]);
  expect(await store.ask('undo_action', { actor, minScore: 4 })).toMatchObject({ kind: 'forget', foldedCount: 0 });
  expect(await look(store)).toEqual(before);
});

test('what came between a verdict and scoring again folds when both are judged alike; what contradicts does not', async () => {
  const store = await seeded();
  await store.ask('add_threshold', { threshold: { ...threshold, score: 4.8 }, actor });
  await store.ask('give_verdict', given('fp', 'alert-1'));
  await store.ask('give_verdict', given('tp', 'alert-4', threat));
  await store.ask('give_verdict', given('fp-too', 'alert-4'));
  // Under the version that the first verdict made its like has 6, while it is stored with 5 as yet.
  const alerts = [
    ...[1, 2].map((id) => alertOf(id, { score: 5, severity: 2 })),
    alertOf(4, { score: 5, severity: 2, signature: 'other' }),
    alertOf(5, { score: 6, severity: 2 }),
    alertOf(6, { score: 7, severity: 2 }),
  ];
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', alerts));
  expect(await look(store)).toContain('alert-5 open 6 2');
  expect(await store.ask('fold_late', { now, minScore: 4 })).toEqual({ foldedCount: 0 });
  const db = new Database(workspacePaths(store.directory).database);
  db.exec(`UPDATE alert SET score = 6 WHERE id IN ('alert-1', 'alert-2')`);
  db.close();
  expect(await store.ask('fold_late', { now: until, minScore: 4 })).toEqual({ foldedCount: 0 });
  expect(await store.ask('fold_late', { now, minScore: 4 })).toEqual({ foldedCount: 1 });
  expect(await look(store)).toEqual(expect.arrayContaining(['alert-5 folded 6 2', 'alert-6 open 7 2']));
  expect(await store.ask('fold_late', { now, minScore: 4 })).toEqual({ foldedCount: 0 });
  // It goes with the verdict.
  for (let step = 0; step < 3; step++) await store.ask('undo_action', { actor, minScore: 4 });
  expect(await look(store)).toContain('alert-5 open 6 2');
});

test('stored alerts are scored again from their votes, known ones keep their place, and the model’s own weights put all back', async () => {
  const store = await seededStore(
    [1, 2, 3].map((id) => alertOf(id, { score: 0.5, severity: 1, signature: id === 3 ? 'bb' : 'aa' })),
  );
  await store.ask('add_threshold', { threshold, actor });
  await store.ask('use_model', { modelId: 'model-1', actor });
  const calibration = {
    scores: [3, 2, 1],
    ranks: [1, 2, 3],
    count: 3,
    tail: { startBits: 3, startProbability: 0.5, scale: 1, shape: 0 },
  };
  const rescore = async (weight: number): Promise<number[]> => {
    let [afterNumber, changed]: [number | null, number[]] = [0, []];
    while (afterNumber !== null) {
      const second = { pooled: calibration, groups: {} };
      const to = { modelId: 'model-1', weights: [{ id: 'key' as const, weight }], second, thresholdScore: 4, limit: 2 };
      const done: { lastNumber: number | null; changedCount: number } = await store.ask('rescore_alerts', {
        ...to,
        afterNumber,
      });
      changed = [...changed, done.changedCount];
      afterNumber = done.lastNumber;
    }
    return changed;
  };
  const scores = async (): Promise<number[]> =>
    (await store.ask('list_alerts', { ...listed, tab: 'open', minScore: 0 })).rows.map(({ score }) => score);
  expect(await rescore(1)).toEqual([2, 1]);
  const own = await scores();
  await store.ask('give_verdict', given('tp', 'alert-1', threat));
  expect(await rescore(0.1)).toEqual([2, 1]);
  const [known, other] = (await store.ask('list_alerts', { ...listed, tab: 'open', minScore: 4 })).rows;
  expect([known?.isKnownThreat, other]).toEqual([true, undefined]);
  expect(known?.score).toBeLessThan(own[0] ?? 0);
  await store.ask('undo_action', { actor, minScore: 0 });
  expect(await rescore(1)).toEqual([2, 1]);
  expect(await scores()).toEqual(own);
});

test('alerts of another model are passed so many at a time, too', async () => {
  const store = await seededStore([1, 2, 3].map((id) => alertOf(id)));
  await addModel(store, 'model-2');
  const other = await importLines(store, [{ raw: 'x' }]);
  await store.ask('replace_run', { ...runOf(other.sourceId, 'run-2', [alertOf(21)]), modelId: 'model-2' });
  const pooled = { scores: [1], ranks: [1], count: 1, tail: { startBits: 1, startProbability: 1, scale: 1, shape: 0 } };
  const to = { modelId: 'model-2', weights: [{ id: 'key' as const, weight: 1 }], thresholdScore: 4, limit: 2 };
  const rescore = (afterNumber: number) =>
    store.ask('rescore_alerts', { ...to, second: { pooled, groups: {} }, afterNumber });
  expect(await rescore(0)).toEqual({ lastNumber: 2, changedCount: 0 });
  expect(await rescore(2)).toEqual({ lastNumber: 4, changedCount: 1 });
  expect(await rescore(4)).toEqual({ lastNumber: null, changedCount: 0 });
});

test('what is much more unusual than what was judged stands by itself, now and later (a threat under a false alarm)', async () => {
  const scored = (scores: readonly number[]) =>
    scores.map((score, row) => alertOf(row + 1, { score, severity: 2, entityHash: row }));
  const store = await seededStore(scored([4.5, 4.75, 5.5]));
  await store.ask('add_threshold', { threshold, actor });
  await store.ask('use_model', { modelId: 'model-1', actor });
  expect(await store.ask('give_verdict', given('v', 'alert-1'))).toMatchObject({ foldedCount: 1 });
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', scored([4.5, 4.75, 5.5, 4.7, 6])));
  const seen = ['alert-2 folded 4.75 2', 'alert-3 open 5.5 2', 'alert-4 folded 4.7 2', 'alert-5 open 6 2'];
  expect(await look(store)).toEqual(expect.arrayContaining(seen));
  // The kind of line as a whole is another thing to say.
  await store.ask('give_verdict', given('wide', 'alert-1', { scope: 'template' }));
  expect(await look(store)).toContain('alert-5 folded 6 2');
});

test('what a whole kind of line would hide is what it hides, and what was a threat in it is said', async () => {
  const store = await seeded();
  const query = { minScore: 4, now, analyst: 'a' };
  const selection = { kind: 'ids' as const, ids: ['alert-1'] };
  expect(await store.ask('preview_wide_fold', { ...query, selection })).toEqual({
    ...{ kinds: 1, alerts: 3, signatures: 2, entities: 2, threats: 0 },
  });
  const outcome = await store.ask('give_verdict', given('v', 'alert-1', { scope: 'template' }));
  expect(outcome.alertCount + outcome.foldedCount).toBe(3);
  await store.ask('undo_action', { actor, minScore: 4 });
  await store.ask('give_verdict', given('t', 'alert-4', threat));
  expect(await store.ask('preview_wide_fold', { ...query, selection })).toMatchObject({ alerts: 2, threats: 1 });
});

describe('repeats', () => {
  const by = (id: number, seconds: number, who: string, changes: Partial<NewAlert> = {}): NewAlert =>
    alertOf(id, {
      ...{ score: 5, severity: 2, at: now + seconds * 1000, fingerprint: who },
      ...{ profile: { actor: who, culprits: [[1, 1]] }, ...changes },
    });
  const begun = async (alerts: NewAlert[]): Promise<SeededStore> => {
    const store = await storeWith(alerts);
    while ((await store.ask('fold_again', { limit: 100 })).isLeft);
    return store;
  };
  const statesOf = async (store: TestStore): Promise<string[]> => {
    const db = new Database(workspacePaths(store.directory).database, { readonly: true });
    const rows = db
      .prepare<[], string>(`SELECT id || ' ' || state || ' ' || severity FROM alert ORDER BY number`)
      .pluck();
    const found = rows.all();
    db.close();
    return found;
  };
  const foldWhole = async (store: TestStore): Promise<void> => {
    await store.ask('set_setting', { key: 'folding', value: { cooldownSeconds: 300, similarity: 0.8 }, actor });
    while ((await store.ask('fold_again', { limit: 100 })).isLeft);
  };

  test('of a decided alert are decided with it: what is confirmed elsewhere brings none of them up, and none is counted as known', async () => {
    const store = await begun([by(1, 0, 'anna'), by(2, 10, 'anna'), by(3, 20, 'bert')]);
    expect(await statesOf(store)).toEqual(['alert-1 open 2', 'alert-2 repeat 2', 'alert-3 open 2']);
    const unsure = { value: 'undetermined', folds: false, foldExpiresAt: null } as const;
    await store.ask('give_verdict', given('unsure', 'alert-1', unsure));
    const before = await statesOf(store);
    expect(await store.ask('give_verdict', given('tp', 'alert-3', threat))).toMatchObject({ knownCount: 0 });
    await foldWhole(store);
    expect((await statesOf(store))[1]).toMatch(/^alert-2 repeat/);
    // A threshold between the two brings none up either.
    await store.ask('add_threshold', { threshold: { ...threshold, score: 5.5 }, actor });
    while ((await store.ask('fold_again', { limit: 100 })).isLeft);
    expect((await statesOf(store))[1]).toMatch(/^alert-2 repeat/);
    await store.ask('undo_action', { actor, minScore: 4 });
    await foldWhole(store);
    expect(await statesOf(store)).toEqual(before);
  });

  test('that become known threats come up from under an alert that is less severe and open, at once', async () => {
    const store = await begun([by(1, 0, 'anna', { signature: 'bb' }), by(2, 10, 'anna'), by(3, 20, 'bert')]);
    expect(await statesOf(store)).toEqual(['alert-1 open 2', 'alert-2 repeat 2', 'alert-3 open 2']);
    await store.ask('give_verdict', given('tp', 'alert-3', threat));
    // As the app does behind each verdict.
    while ((await store.ask('fold_again', { limit: 100 })).isLeft);
    expect(await statesOf(store)).toEqual(['alert-1 open 2', 'alert-2 open 4', 'alert-3 decided 4']);
    await store.ask('undo_action', { actor, minScore: 4 });
    await foldWhole(store);
    expect(await statesOf(store)).toEqual(['alert-1 open 2', 'alert-2 repeat 2', 'alert-3 open 2']);
  });
});
