/**
 * @file What is done to many alerts at once, and taken back. Catches an action that reaches an alert it should not, an undo that does not restore,
 * more than one audit entry for an action, and a mute that outlives its end or lets what comes through.
 */
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { workspacePaths } from '../../src/main/store/paths.ts';
import type { AlertSelection } from '../../src/shared/actions.ts';
import { seededStore } from './helpers.ts';
import type { TestStore } from './rows.ts';
import { actor, alertOf, day, importLines, listed, now, runOf } from './rows.ts';

const minScore = 0;
const all = (filter: string, asOf: number | null = null, except: string[] = []): AlertSelection => ({
  kind: 'query',
  query: { tab: 'open', filter, zone: 'UTC', asOf },
  except,
});
const verdict = {
  value: 'false_positive_logic' as const,
  note: '',
  analyst: actor.analyst,
  givenAt: now,
  foldExpiresAt: now + day,
  folds: true,
  minScore,
};

async function look(store: TestStore): Promise<string[]> {
  const { rows } = await store.ask('list_alerts', { ...listed, tab: 'all' });
  return rows
    .map(({ id, state, owner, verdict: given }) => `${id} ${state} ${owner ?? '-'} ${given?.value ?? '-'}`)
    .sort();
}

const entries = async (store: TestStore): Promise<number> => (await store.ask('size', undefined)).entryCount;

/** Of one signature each but the first three, which are alike. */
const seeded = () =>
  seededStore(
    [1, 2, 3, 4, 5, 6].map((number) =>
      alertOf(number, { signature: number <= 3 ? 'aa' : `s${number}`, severity: number <= 2 ? 5 : 3 }),
    ),
    9,
  );

test('a verdict on all that match reaches them and no other, folds what is alike, and is one entry and one step of undo', async () => {
  const store = await seeded();
  const before = await look(store);
  const count = await entries(store);
  const outcome = await store.ask('give_verdict_to_many', {
    ...verdict,
    verdictId: 'v',
    selection: all('severity:critical,medium -signature:s6', 5, ['alert-5']),
  });
  expect(outcome).toMatchObject({ alertCount: 4, foldedCount: 0, counts: { open: 2, decided: 4 } });
  await store.ask('undo_action', { actor, minScore });
  expect(await look(store)).toEqual(before);
  await store.ask('give_verdict_to_many', { ...verdict, verdictId: 'w', selection: all('severity:critical') });
  const after = await look(store);
  expect(after.filter((line) => line.includes('folded'))).toEqual(['alert-3 folded - -']);
  expect(await entries(store)).toBe(count + 3);
  for (const alertId of ['alert-1', 'alert-2']) {
    const { history, row } = await store.ask('get_alert', { alertId, now });
    expect(history.map(({ id }) => id)).toEqual(['w']);
    expect(row.foldedCount).toBe(1);
  }
  expect(await store.ask('undo_action', { actor, minScore })).toMatchObject({ alertCount: 2, foldedCount: 1 });
  expect(await look(store)).toEqual(before);
  expect(await store.ask('redo_action', { actor, minScore })).toMatchObject({ kind: 'verdict', alertCount: 2 });
  expect(await look(store)).toEqual(after);
  expect((await store.ask('verify_audit', undefined)).brokenAt).toBeNull();
});

test('a verdict on many that some had before gives each its own back', async () => {
  const store = await seeded();
  await store.ask('give_verdict', { ...verdict, verdictId: 'one', alertId: 'alert-1', value: 'true_positive' });
  const before = await look(store);
  await store.ask('give_verdict_to_many', {
    ...verdict,
    verdictId: 'many',
    selection: { kind: 'ids', ids: ['alert-1', 'alert-4'] },
  });
  expect((await look(store)).slice(0, 4)).toEqual([
    'alert-1 decided - false_positive_logic',
    'alert-2 folded - -',
    'alert-3 folded - -',
    'alert-4 decided - false_positive_logic',
  ]);
  await store.ask('undo_action', { actor, minScore });
  expect(await look(store)).toEqual(before);
});

test('one of many gets another verdict: what the others fold stays folded, until the last of them has another, too', async () => {
  const store = await seeded();
  const selection = { kind: 'ids' as const, ids: ['alert-1', 'alert-2', 'alert-4'] };
  await store.ask('give_verdict_to_many', { ...verdict, verdictId: 'many', selection });
  const other = { ...verdict, folds: false, value: 'undetermined' as const };
  const third = async () => (await look(store)).filter((line) => line.startsWith('alert-3'));
  expect(await third()).toEqual(['alert-3 folded - -']);
  await store.ask('give_verdict', { ...other, alertId: 'alert-1', verdictId: 'first' });
  expect(await third()).toEqual(['alert-3 folded - -']);
  await store.ask('give_verdict', { ...other, alertId: 'alert-2', verdictId: 'second' });
  expect(await third()).toEqual(['alert-3 open - -']);
  for (const direction of ['undo_action', 'redo_action', 'undo_action'] as const)
    await store.ask(direction, { actor, minScore });
  expect(await third()).toEqual(['alert-3 folded - -']);
});

test('owners are given, found and taken back; what is mine is what is open and mine', async () => {
  const store = await seeded();
  const before = await look(store);
  await store.ask('assign_alerts', { selection: all('severity:critical'), owner: actor.analyst, minScore, actor });
  await store.ask('give_verdict', { ...verdict, folds: false, verdictId: 'v', alertId: 'alert-1' });
  const mine = await store.ask('list_alerts', { ...listed, tab: 'mine' });
  expect(mine.rows.map(({ id }) => id)).toEqual(['alert-2']);
  expect(mine.counts.mine).toBe(1);
  expect((await store.ask('list_alerts', { ...listed, filter: 'owner:none' })).rows).toHaveLength(4);
  await store.ask('undo_action', { actor, minScore });
  expect(await store.ask('undo_action', { actor, minScore })).toMatchObject({ kind: 'assign', alertCount: 2 });
  expect(await look(store)).toEqual(before);
});

test('a mute hides what it finds and what comes, ends by itself, and is undone', async () => {
  const store = await seeded();
  const before = await look(store);
  const mute = { filter: 'signature:aa', zone: 'UTC', reason: 'scanner', expiresAt: now + day, minScore, actor };
  const { alertCount } = await store.ask('mute_alerts', { ...mute, muteId: 'm1' });
  expect(alertCount).toBe(3);
  expect((await store.ask('alert_counts', { minScore })).muted).toBe(3);
  expect(await store.ask('list_mutes', undefined)).toMatchObject([{ hides: 3, state: 'in_force', reason: 'scanner' }]);
  await store.ask('undo_action', { actor, minScore });
  expect(await look(store)).toEqual(before);
  await store.ask('redo_action', { actor, minScore });
  const { sourceId } = await importLines(store, [{ raw: 'more' }, { raw: 'and more' }]);
  const fresh = [alertOf(10, { signature: 'aa' }), alertOf(11, { signature: 'bb' })];
  await store.ask('replace_run', runOf(sourceId, 'run-2', fresh));
  expect((await look(store)).filter((line) => /^alert-1[01]/.test(line))).toEqual([
    'alert-10 muted - -',
    'alert-11 open - -',
  ]);
  expect(await store.ask('expire_mutes', { now: now + day - 1 })).toEqual({ released: 0, nextEnd: now + day });
  expect(await store.ask('expire_mutes', { now: now + day })).toEqual({ released: 4, nextEnd: null });
  expect((await store.ask('alert_counts', { minScore })).muted).toBe(0);
  // What ended is not undone into force again; there is nothing else to undo.
  expect(await store.ask('undo_action', { actor, minScore })).toBeNull();
});

test('a mute of words hides what comes with them and nothing else, whether the index has the line yet or not', async () => {
  const store = await seeded();
  await store.ask('index_text', undefined);
  const mute = { zone: 'UTC', reason: 'scanner', expiresAt: null, minScore, actor };
  await store.ask('mute_alerts', { ...mute, muteId: 'm1', filter: '"door opened"' });
  const lines = [{ raw: 'the door opened' }, { raw: 'the door closed' }, { raw: 'a door opened again' }];
  const { sourceId } = await importLines(store, lines);
  const raised = (run: string) =>
    store.ask(
      'replace_run',
      runOf(
        sourceId,
        run,
        [10, 11, 12].map((event) => alertOf(event, { signature: `n${event}` })),
      ),
    );
  const after = ['alert-10 muted - -', 'alert-11 open - -', 'alert-12 muted - -'];
  await raised('run-2');
  expect((await look(store)).filter((line) => /^alert-1\d/.test(line))).toEqual(after);
  await store.ask('lift_mute', { muteId: 'm1', minScore, actor });
  await store.ask('index_text', undefined);
  await store.ask('mute_alerts', { ...mute, muteId: 'm2', filter: '"door opened"' });
  await raised('run-3');
  expect((await look(store)).filter((line) => /^alert-1\d/.test(line))).toEqual(after);
});

test('a mute of states or of nothing would hide every open alert: it is refused', async () => {
  const store = await seeded();
  const before = await look(store);
  const mute = { muteId: 'm', zone: 'UTC', reason: '', expiresAt: null, minScore, actor };
  for (const filter of ['is:decided', '-state:open', '""', ' '])
    await expect(store.ask('mute_alerts', { ...mute, filter })).rejects.toThrow('needs a filter');
  expect(await look(store)).toEqual(before);
});

test('a filter of more conditions than SQLite takes is refused with a reason', async () => {
  const store = await seeded();
  for (const filter of [`host:${'a,'.repeat(990)}a`, 'a '.repeat(999)])
    await expect(store.ask('list_alerts', { ...listed, filter })).rejects.toThrow('at most 400 words and values');
  for (const filter of [`host:${'a,'.repeat(399)}a`, 'q '.repeat(400)])
    expect((await store.ask('list_alerts', { ...listed, filter })).rows).toEqual([]);
});

test('the audit names no filter, reason or owner: analysts write names of the log there', async () => {
  const store = await seeded();
  const filter = 'user:kassiopeia';
  await store.ask('mute_alerts', {
    muteId: 'm',
    filter,
    zone: 'UTC',
    reason: 'andromeda',
    expiresAt: null,
    minScore,
    actor,
  });
  await store.ask('assign_alerts', { selection: all(''), owner: 'betelgeuse', minScore, actor });
  store.close();
  const db = new Database(workspacePaths(store.directory).database, { readonly: true });
  const audit = db.prepare<[], string>('SELECT group_concat(details || subject) FROM audit').pluck().get();
  db.close();
  expect(audit).not.toMatch(/kassiopeia|andromeda|betelgeuse/);
});

test('what is put into a case at once is taken out at once', async () => {
  const store = await seeded();
  await store.ask('create_case', { caseId: 'c', title: 'T', alertIds: ['alert-1'], actor });
  await store.ask('add_to_case', { caseId: 'c', selection: all('severity:critical,medium'), minScore, actor });
  expect((await store.ask('list_cases', undefined))[0]?.alertCount).toBe(6);
  await store.ask('undo_action', { actor, minScore });
  expect((await store.ask('list_cases', undefined))[0]?.alertCount).toBe(1);
});

test('groups count what the list has and find it again; the summary marks where pages end', async () => {
  const store = await seeded();
  for (const by of ['signature', 'actor', 'entity', 'template', 'host', 'source'] as const) {
    const { groups } = await store.ask('group_alerts', { ...listed, by });
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(6);
    for (const { filter, count, hostCount } of groups) {
      const { rows } = await store.ask('list_alerts', { ...listed, filter });
      expect(rows).toHaveLength(count);
      const hosts = new Set(rows.flatMap(({ host }) => host?.toLowerCase() ?? []));
      // Counted for the whole signature elsewhere, an entity had the hosts of all alerts like its own.
      if (by === 'entity') expect(hostCount).toBe(hosts.size);
      expect(hostCount).toBeLessThanOrEqual(count);
    }
  }
  const summary = await store.ask('summarise_alerts', { ...listed, pageSize: 2 });
  expect(summary).toMatchObject({ total: 6, asOf: 6 });
  expect(summary.marks).toHaveLength(2);
  const [first, second] = summary.marks;
  const page = await store.ask('list_alerts', { ...listed, after: first ?? null, until: (second ?? null) as never });
  expect(page.rows).toHaveLength(2);
  const drawn = summary.histogram?.bins.flat().reduce((sum, count) => sum + count, 0);
  expect(drawn).toBe(6 - summary.withoutTime);
});

test('a filter that cannot be understood is refused with its place', async () => {
  const store = await seeded();
  await expect(store.ask('list_alerts', { ...listed, filter: 'severity>=hihg' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: "'hihg' at character 11 is not a severity. Did you mean high?",
  });
});
