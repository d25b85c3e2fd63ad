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
