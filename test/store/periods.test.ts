/** @file What came of a span of time. Catches what lies outside of it and is counted, what is counted twice, silences that are none, and notes that get lost. */
import { expect, test } from 'vitest';
import { seededStore } from './helpers.ts';
import { actor, alertOf, now } from './rows.ts';

const hour = 3_600_000;
const given = { note: 'why', foldExpiresAt: null, folds: false, minScore: 0 };

test('alerts, verdicts, looks, models and notes are those of the span, and its end is no part of it', async () => {
  const store = await seededStore([
    alertOf(1, { signature: 'a', severity: 5, score: 9 }),
    alertOf(2, { signature: 'a', severity: 2 }),
    alertOf(3, { signature: 'b', severity: 3 }),
    alertOf(4, { signature: 'c', score: 0.1 }),
  ]);
  const { raisedAt } = (await store.ask('get_alert', { alertId: 'alert-1', now })).row;
  const read = (from: number, to: number) => store.ask('read_period', { from, to, minScore: 1 });
  await store.ask('mark_viewed', { alertId: 'alert-3', actor: { ...actor, at: raisedAt + 10 } });
  const verdict = (id: string, alertId: string, analyst: string, givenAt: number) =>
    store.ask('give_verdict', { ...given, verdictId: id, alertId, value: 'true_positive', analyst, givenAt });
  await verdict('v1', 'alert-3', 'kim', raisedAt + 20);
  await verdict('v2', 'alert-3', 'roth', raisedAt + 30);
  await verdict('v3', 'alert-2', 'roth', raisedAt + hour);
  await store.ask('add_handover_note', { noteId: 'n0', text: 'before', actor: { ...actor, at: raisedAt - 5 } });
  await store.ask('add_handover_note', { noteId: 'n1', text: 'within', actor: { ...actor, at: raisedAt + 5 } });

  const found = await read(raisedAt, raisedAt + hour);
  expect(found.alerts.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  expect(found.groups.map(({ count, alert }) => [count, alert.number])).toEqual([
    [2, 1],
    [1, 3],
  ]);
  expect([found.groupCount, found.top.map(({ number }) => number)]).toEqual([2, [1, 2, 3]]);
  expect(found.decisions.map(({ analyst, isStanding }) => [analyst, isStanding])).toEqual([
    ['roth', true],
    ['kim', false],
  ]);
  expect([found.decisionCount, found.toView.map(({ waitMs }) => waitMs)]).toEqual([2, [10]]);
  expect([found.notes.map(({ text }) => text), found.noteBefore?.text]).toEqual([['within'], 'before']);
  expect(found.actions.some(({ action, count }) => action === 'handover.noted' && count === 1)).toBe(true);
  const later = await read(raisedAt + hour, raisedAt + 2 * hour);
  expect([later.alerts, later.decisions.map(({ number }) => number), later.noteBefore?.text]).toEqual([
    [],
    [2],
    'within',
  ]);
});

// Bugs: a span with many alerts keeps everybody else waiting; or what lies where a step ends is lost, counted twice, or stands for its like though it is milder.
test('a span with many alerts is gone through in steps, each alert once', async () => {
  const count = 5000;
  const store = await seededStore(
    Array.from({ length: count }, (_, i) =>
      alertOf(i + 1, {
        ...{ signature: `s${i % 50}`, severity: 4, score: 3 + i / 1000, at: now + (i % 10) * hour },
        reason: i % 5 === 0 ? 'unseen' : 'rare',
      }),
    ),
    count,
  );
  const { raisedAt } = (await store.ask('get_alert', { alertId: 'alert-1', now })).row;
  for (const alertId of ['alert-7', 'alert-8']) {
    const verdict = { ...given, verdictId: alertId, alertId, value: 'true_positive', analyst: 'kim' } as const;
    await store.ask('give_verdict', { ...verdict, givenAt: raisedAt });
  }
  let turns = 0;
  let isReading = true;
  const turn = (): void => {
    turns++;
    if (isReading) setImmediate(turn);
  };
  setImmediate(turn);
  const found = await store.ask('read_period', { from: raisedAt, to: raisedAt + 1, minScore: 4 });
  isReading = false;
  expect(turns).toBeGreaterThanOrEqual(3);
  // All but those below the threshold, of which verdicts were given on two.
  const shown = count - 1000 + 2;
  expect(found.alerts.reduce((sum, one) => sum + one.count, 0)).toBe(shown);
  expect(found.shownAt.reduce((sum, one) => sum + one.count, 0)).toBe(shown);
  expect(found.groupCount).toBe(50);
  expect(found.groups.map((group) => group.count)).toEqual([81, 81, ...Array<number>(18).fill(80)]);
  // The last of each.
  expect(found.groups.map(({ alert }) => alert.number).slice(0, 9)).toEqual([
    4957, 4958, 4951, 4952, 4953, 4954, 4955, 4956, 4959,
  ]);
  expect(found.top.slice(0, 3).map(({ number }) => number)).toEqual([5000, 4999, 4998]);
  expect([found.newKindCount, found.newKinds.map((kind) => kind.count)]).toEqual([1, [800]]);
  // Of this kind there were others before.
  const later = await store.ask('read_period', { from: raisedAt + 1, to: raisedAt + hour, minScore: 4 });
  expect([later.groupCount, later.newKindCount]).toEqual([0, 0]);
});
