/** @file The counts of the overview. Catches an alert on the wrong day, one counted twice or not at all, and waits of other alerts. */
import { expect, test } from 'vitest';
import { seededStore } from './helpers.ts';
import { actor, alertOf, day, now } from './rows.ts';

const untimed = { at: null, signature: 'zz' };

test('every alert stands on the day of its line, under its state or its verdict', async () => {
  const store = await seededStore([
    alertOf(1, { at: now - 3 * day, signature: 'a' }),
    alertOf(2, { at: now - day, signature: 'b', severity: 5 }),
    alertOf(3, { at: now - day, signature: 'c' }),
    alertOf(4, { at: now - day, signature: 'd', score: 0.1 }),
    alertOf(5, untimed),
  ]);
  await store.ask('mark_viewed', { alertId: 'alert-3', actor: { ...actor, at: now + 4000 } });
  await store.ask('give_verdict', {
    ...{ verdictId: 'v', alertId: 'alert-3', value: 'undetermined', note: '', analyst: 'j', givenAt: now + 9000 },
    ...{ foldExpiresAt: null, folds: false, minScore: 0 },
  });
  const edges = [now - 2.5 * day, now - 1.5 * day, now - 0.5 * day];
  const row = (await store.ask('get_alert', { alertId: 'alert-3', now })).row;
  const input = { edges, ageEdges: [now + day, now - day, Number.MIN_SAFE_INTEGER], waitsSince: 0, minScore: 1 };
  const found = await store.ask('read_overview', input);
  expect(found.days.map(({ open, verdicts }) => [open, verdicts.undetermined])).toEqual([
    [0, 0],
    [1, 1],
  ]);
  expect([found.untimed, found.ages.map((ages) => [ages[4], ages[5]])]).toEqual([
    1,
    [
      [2, 1],
      [0, 0],
    ],
  ]);
  expect(found.toView).toEqual([{ at: now + 4000, waitMs: now + 4000 - row.raisedAt }]);
  expect(found.toVerdict).toEqual([{ at: now + 9000, waitMs: now + 9000 - row.raisedAt }]);
  expect(await store.ask('newest_alert_at', { minScore: 1, withinMs: day })).toBe(now - day);
});

test('a few stamps far ahead do not take the days away from all others, and are counted as later', async () => {
  const usual = Array.from({ length: 19 }, (_, index) =>
    alertOf(index + 1, { at: now - index * day, signature: `s${index}`, severity: 3 }),
  );
  const store = await seededStore([...usual, alertOf(20, { at: now + 900 * day, signature: 'far' })]);
  const ask = (withinMs: number) => store.ask('newest_alert_at', { minScore: 0, withinMs });
  expect([await ask(15 * day), await ask(1000 * day)]).toEqual([now, now + 900 * day]);
  const selection = { kind: 'ids' as const, ids: ['alert-1', 'alert-2'] };
  await store.ask('assign_alerts', { selection, owner: 'kim', actor, minScore: 0 });
  const input = { edges: [now - day, now + 1], ageEdges: [now + 999 * day, 0], waitsSince: 0, minScore: 0 };
  const found = await store.ask('read_overview', input);
  expect([found.later, found.owners]).toEqual([1, [{ owner: 'kim', bySeverity: { 1: 0, 2: 0, 3: 2, 4: 0, 5: 0 } }]]);
});

test('nothing is found where nothing is', async () => {
  const store = await seededStore([alertOf(1, untimed)]);
  expect(await store.ask('newest_alert_at', { minScore: 0, withinMs: day })).toBeNull();
  const input = { edges: [0, now], ageEdges: [now, 0], waitsSince: 0, minScore: 0 };
  expect(await store.ask('read_overview', input)).toMatchObject({ days: [{ open: 0 }], untimed: 1, toView: [] });
});
