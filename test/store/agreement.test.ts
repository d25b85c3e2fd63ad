/** @file What several verdicts say together of other alerts: those that agree, and those that contradict each other. Catches one wrong label that blinds, and a contradiction that is learned. */
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { workspacePaths } from '../../src/main/store/paths.ts';
import type { NewAlert } from '../../src/main/store/protocol/alerts.ts';
import { given, look, seeded, storeWith, threat, until, type SeededStore } from './alike.ts';
import { actor, alertOf, day, now, runOf } from './rows.ts';

describe('what is severe', () => {
  /** From 5.25 at a threshold of 4. */
  const severe = [
    alertOf(1, { score: 6, severity: 3 }),
    alertOf(2, { score: 6, severity: 3 }),
    alertOf(3, { score: 6, severity: 3 }),
    alertOf(4, { score: 5, severity: 2 }),
  ];
  const begun = (): Promise<SeededStore> => storeWith(severe);

  test('folds under two verdicts that agree, and is open again without either (one wrong label blinds a signature)', async () => {
    const store = await begun();
    expect(await store.ask('give_verdict', given('one', 'alert-1'))).toMatchObject({ foldedCount: 1, heldCount: 2 });
    expect(await look(store)).toEqual([
      'alert-1 decided 6 3',
      'alert-2 open 6 3',
      'alert-3 open 6 3',
      'alert-4 folded 5 2',
    ]);
    expect(await store.ask('give_verdict', given('two', 'alert-2'))).toMatchObject({ foldedCount: 1, heldCount: 0 });
    expect(await look(store)).toContain('alert-3 folded 6 3');
    await store.ask('undo_action', { actor, minScore: 4 });
    expect(await look(store)).toEqual(expect.arrayContaining(['alert-3 open 6 3', 'alert-4 folded 5 2']));
    await store.ask('redo_action', { actor, minScore: 4 });
    expect(await look(store)).toContain('alert-3 folded 6 3');
    // Who gave the first thinks again.
    await store.ask(
      'give_verdict',
      given('again', 'alert-1', { value: 'undetermined', folds: false, foldExpiresAt: null }),
    );
    expect(await look(store)).toContain('alert-3 open 6 3');
  });

  test('is not folded by verdicts of which one was forgotten', async () => {
    const store = await begun();
    await store.ask('give_verdict', given('one', 'alert-1'));
    await store.ask('give_verdict', given('two', 'alert-2'));
    const [entry] = await store.ask('list_memory', undefined);
    await store.ask('forget_memory', { number: entry?.number ?? 0, actor });
    expect(await look(store)).toContain('alert-3 open 6 3');
  });

  test('and comes later stands, until a second verdict folds it with what comes after', async () => {
    const store = await begun();
    await store.ask('give_verdict', given('one', 'alert-1'));
    const came = [...severe, alertOf(5, { score: 6, severity: 3 })];
    await store.ask('replace_run', runOf(store.sourceId, 'run-2', came));
    expect(await look(store)).toContain('alert-5 open 6 3');
    await store.ask('give_verdict', given('two', 'alert-2'));
    expect(await look(store)).toContain('alert-5 folded 6 3');
    await store.ask('replace_run', runOf(store.sourceId, 'run-3', [...came, alertOf(6, { score: 6, severity: 3 })]));
    expect(await look(store)).toContain('alert-6 folded 6 3');
    await store.ask('undo_action', { actor, minScore: 4 });
    expect(await look(store)).toEqual(expect.arrayContaining(['alert-5 open 6 3', 'alert-6 open 6 3']));
  });

  test('folds at once where a whole kind of line is called harmless, or what one actor does', async () => {
    for (const scope of ['template', 'entity'] as const) {
      const store = await begun();
      expect(await store.ask('give_verdict', given('one', 'alert-1', { scope }))).toMatchObject({ heldCount: 0 });
      expect(await look(store)).toContain('alert-3 folded 6 3');
    }
  });
});

test('verdicts that contradict each other leave memory out, until one of them is taken back', async () => {
  const store = await seeded();
  await store.ask('give_verdict', given('fp', 'alert-1'));
  expect(await look(store)).toContain('alert-2 folded 5 2');
  expect(await store.ask('give_verdict', given('tp', 'alert-3', threat))).toMatchObject({ knownCount: 0 });
  expect(await look(store)).toEqual(expect.arrayContaining(['alert-2 open 5 2', 'alert-3 decided 3.6 4']));
  expect((await store.ask('list_memory', undefined)).map(({ isContradicted }) => isContradicted)).toEqual([true, true]);
  const alerts = [1, 2, 3, 5].map((id) => alertOf(id, { score: 5, severity: 2 }));
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', alerts));
  expect(await look(store)).toContain('alert-5 open 5 2');
  await store.ask('undo_action', { actor, minScore: 4 });
  expect(await look(store)).toContain('alert-2 folded 5 2');
});

test('where verdicts contradict each other, what is the same again follows its own, and all else stands', async () => {
  const same = (id: number, fingerprint: string): NewAlert =>
    alertOf(id, { score: 5, severity: 2, fingerprint, at: now + id * day });
  const alerts = [same(1, 'f'), same(2, 'f'), same(3, 't'), same(4, 't'), same(5, 'else'), same(6, '')];
  const store = await storeWith(alerts);
  const before = await look(store);
  await store.ask('give_verdict', given('fp', 'alert-1'));
  await store.ask('give_verdict', given('tp', 'alert-3', threat));
  const divided = ['alert-2 folded 5 2', 'alert-4 open known 5 4', 'alert-5 open 5 2', 'alert-6 open 5 2'];
  expect(await look(store)).toEqual(expect.arrayContaining(divided));
  const came = [same(7, 'f'), same(8, 't'), same(9, 'else'), same(10, '')];
  await store.ask('replace_run', runOf(store.sourceId, 'run-2', [...alerts, ...came]));
  const later = ['alert-7 folded 5 2', 'alert-8 open known 5 4', 'alert-9 open 5 2', 'alert-10 open 5 2'];
  expect(await look(store)).toEqual(expect.arrayContaining([...divided, ...later]));
  // Of the same thing both was said: nothing is left to follow.
  await store.ask('give_verdict', given('also', 'alert-7', threat));
  expect(await look(store)).toContain('alert-2 open 5 2');
  for (let step = 0; step < 3; step++) await store.ask('undo_action', { actor, minScore: 4 });
  expect(await look(store)).toEqual(expect.arrayContaining(before));
});

test('a false alarm said after a threat, which is then taken back, is as if it had been said alone', async () => {
  const store = await seeded();
  await store.ask('give_verdict', given('tp', 'alert-3', threat));
  await store.ask('give_verdict', given('fp', 'alert-1'));
  await store.ask(
    'give_verdict',
    given('again', 'alert-3', { value: 'undetermined', folds: false, foldExpiresAt: null }),
  );
  expect(await look(store)).toEqual([
    'alert-1 decided 5 2',
    'alert-2 folded 5 2',
    'alert-3 decided 3.6 1',
    'alert-4 open 5 2',
  ]);
});

describe('where verdicts contradict each other', () => {
  const same = (id: number, fingerprint: string, score = 5): NewAlert =>
    alertOf(id, { score, severity: score < 5.25 ? 2 : 3, fingerprint, at: now + id * day });

  test('what came between a verdict and scoring again folds with what is the same again, and nothing else (it stood for good)', async () => {
    const alerts = [same(1, 'f', 4.2), same(2, 't')];
    const store = await storeWith(alerts);
    await store.ask('give_verdict', given('fp', 'alert-1'));
    await store.ask('give_verdict', given('tp', 'alert-2', threat));
    // Judged by the version that the verdicts made, under which the first has 5 as well.
    const came = [same(3, 'f'), same(4, 'else'), same(5, 't'), same(6, '')];
    await store.ask('replace_run', runOf(store.sourceId, 'run-2', [...alerts, ...came]));
    expect(await look(store)).toContain('alert-3 open 5 2');
    expect(await store.ask('fold_late', { now, minScore: 4 })).toEqual({ foldedCount: 0 });
    const db = new Database(workspacePaths(store.directory).database);
    db.exec(`UPDATE alert SET score = 5 WHERE id = 'alert-1'`);
    db.close();
    expect(await store.ask('fold_late', { now: until, minScore: 4 })).toEqual({ foldedCount: 0 });
    expect(await store.ask('fold_late', { now, minScore: 4 })).toEqual({ foldedCount: 1 });
    const late = ['alert-3 folded 5 2', 'alert-4 open 5 2', 'alert-5 open known 5 4', 'alert-6 open 5 2'];
    expect(await look(store)).toEqual(expect.arrayContaining(late));
    expect(await store.ask('fold_late', { now, minScore: 4 })).toEqual({ foldedCount: 0 });
    // Without the threat it stays under the false alarm; without that, under none.
    await store.ask('undo_action', { actor, minScore: 4 });
    expect(await look(store)).toContain('alert-3 folded 5 2');
    await store.ask('undo_action', { actor, minScore: 4 });
    expect(await look(store)).toContain('alert-3 open 5 2');
  });

  test('what is severe folds under two verdicts on the same again, not under one on it and one on something else', async () => {
    const store = await storeWith([same(1, 'f', 6), same(2, 'g', 6), same(3, 'f', 6), same(4, 't', 6)]);
    await store.ask('give_verdict', given('one', 'alert-1'));
    await store.ask('give_verdict', given('two', 'alert-2'));
    expect(await look(store)).toContain('alert-3 folded 6 3');
    await store.ask('give_verdict', given('tp', 'alert-4', threat));
    expect(await look(store)).toContain('alert-3 open 6 3');
  });
});
