/** @file What is known of an entity, and of all logs around a moment. Catches rows of another entity or log, lost times, and hostile names that are read as syntax. */
import { expect, test } from 'vitest';
import { seededStore, openTestStore } from './helpers.ts';
import { addModel, alertOf, day, importLines, now, runOf } from './rows.ts';
import type { TestStore } from './rows.ts';

const read = (store: TestStore, change: object = {}) =>
  store.ask('read_entity', {
    ...{ kind: 'user', hash: 1_000_000_000_001, text: 'anna', minScore: 0, maxChars: 100, ...change },
  });

test('by its sessions: its lines, its times, its alerts and their verdicts, and nobody else’s', async () => {
  const store = await openTestStore();
  await addModel(store);
  const lines = [
    { raw: 'anna one', session: 1, at: now - 5000 },
    { raw: 'ben one', session: 2, at: now - 4000 },
    { raw: 'anna two', session: 1, at: now - 3000 },
  ];
  const { sourceId } = await importLines(store, lines);
  const theirs = { entityHash: 1_000_000_000_001, sessionId: 1 };
  const alerts = [
    alertOf(1, theirs),
    alertOf(2, { entityHash: 1_000_000_000_002, sessionId: 2 }),
    alertOf(3, { ...theirs, score: 0.5, signature: 'bb' }),
  ];
  await store.ask('replace_run', runOf(sourceId, 'run-1', alerts));
  const page = await read(store, { minScore: 1 });
  expect(page).toMatchObject({ by: 'sessions', lineCount: 2, sessionCount: 1, isCut: false });
  expect(page.times).toEqual([now - 5000, now - 3000]);
  expect(page.lines.map(({ raw }) => raw)).toEqual(['anna one', 'anna two']);
  expect([page.alertCounts, page.alerts.map(({ id }) => id)]).toEqual([{ open: 1, folded: 0, muted: 0 }, ['alert-1']]);
  const actor = { analyst: 'j', at: now };
  const mute = { muteId: 'm', filter: 'signature:aa', zone: 'UTC', reason: '', expiresAt: null, minScore: 0, actor };
  await store.ask('mute_alerts', mute);
  expect((await read(store, { minScore: 1 })).alertCounts).toEqual({ open: 0, folded: 0, muted: 1 });
  await store.ask('lift_mute', { muteId: 'm', minScore: 0, actor });
  await store.ask('give_verdict', {
    ...{ verdictId: 'v1', alertId: 'alert-1', value: 'true_positive', note: '', analyst: 'j', givenAt: now },
    ...{ foldExpiresAt: null, folds: false, minScore: 0 },
  });
  expect((await read(store, { minScore: 1 })).verdicts).toMatchObject({ true_positive: 1, undetermined: 0 });
});

test('a host has the lines it wrote; a name that acts nowhere has the lines that contain it', async () => {
  const store = await openTestStore();
  const lines = [
    { raw: 'fs-02 says hello', host: 'fs-02' },
    { raw: 'web-01 speaks of fs-02', host: 'web-01' },
    { raw: 'fs-03 says hello', host: 'fs-03' },
  ];
  await importLines(store, lines);
  await store.ask('index_text', undefined);
  const host = await read(store, { kind: 'host', hash: 5, text: 'fs-02' });
  expect([host.by, host.lines.map(({ raw }) => raw)]).toEqual(['host', ['fs-02 says hello']]);
  const name = await read(store, { kind: 'user', hash: 5, text: 'fs-02' });
  expect([name.by, name.lineCount]).toEqual(['mentions', 2]);
});

test.each(['"', '" OR *', 'a* NEAR(b)', "'; DROP TABLE event; --", '\u0000', '%', '{raw} : x', '\ud800'])(
  'the name %j is looked up and is no syntax',
  async (text) => {
    const store = await seededStore([]);
    await store.ask('index_text', undefined);
    for (const kind of ['user', 'host', 'process'] as const) {
      expect(await read(store, { kind, hash: 5, text })).toMatchObject({ by: 'mentions', lineCount: 0, alerts: [] });
    }
  },
);

test('lines that are not indexed yet are said to be missing', async () => {
  const store = await openTestStore();
  await importLines(store, [{ raw: 'x', host: 'h' }]);
  expect((await read(store, { kind: 'host', hash: 5, text: 'h' })).isIndexed).toBe(false);
});

test('lines of all logs around a moment come by time, named, and end where the span ends', async () => {
  const store = await openTestStore();
  const at = now - day / 2;
  const every = (step: number, name: string) =>
    Array.from({ length: 2001 }, (_, row) => ({ raw: `${name} ${row}`, at: at + (row - 1000) * step }));
  await importLines(store, every(1000, 'auth'), { name: 'auth.log' });
  await importLines(store, every(1700, 'web'), { name: 'web.log' });
  const around = (change: object = {}) =>
    store.ask('lines_around_time', { eventId: 1001, at, withinMs: 4000, limit: 50, maxChars: 100, ...change });
  const { before, after, isCut } = await around();
  // The moment itself: the own line is neither, the other log's counts as after.
  expect(before.map(({ raw }) => raw)).toEqual(['auth 996', 'web 998', 'auth 997', 'auth 998', 'web 999', 'auth 999']);
  expect(after.map(({ raw }) => raw)).toEqual([
    'web 1000',
    'auth 1001',
    'web 1001',
    'auth 1002',
    'auth 1003',
    'web 1002',
    'auth 1004',
  ]);
  expect(isCut).toBe(false);
  const near = await around({ limit: 2 });
  expect([near.before.map(({ raw }) => raw), near.isCut]).toEqual([['web 999', 'auth 999'], true]);
});

test('a log without times, and one that ended long before, are left out', async () => {
  const store = await openTestStore();
  await importLines(store, [{ raw: 'own', at: now }]);
  await importLines(store, [{ raw: 'none', at: NaN }], { name: 'none.log' });
  await importLines(store, [{ raw: 'old', at: now - day }], { name: 'old.log' });
  const found = await store.ask('lines_around_time', { eventId: 1, at: now, withinMs: 1000, limit: 9, maxChars: 9 });
  expect([found.before, found.after.map(({ raw }) => raw)]).toEqual([[], ['none']]);
});
