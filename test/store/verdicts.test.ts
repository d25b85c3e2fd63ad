/** @file Verdicts, folds, undo and redo. Catches an undo that does not restore, a fold that outlives its verdict, a count that is off. */
import Database from 'better-sqlite3';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workspacePaths } from '../../src/main/store/paths.ts';
import type { GiveVerdictInput } from '../../src/main/store/protocol/verdicts.ts';
import { seededStore } from './helpers.ts';
import type { TestStore } from './rows.ts';
import { actor, addModel, alertOf, day, importLines, now, runOf, listed } from './rows.ts';

function verdictOf(verdictId: string, alertId: string, changes: Partial<GiveVerdictInput> = {}): GiveVerdictInput {
  return {
    verdictId,
    alertId,
    value: 'false_positive_logic',
    note: '',
    analyst: 'j.keller',
    givenAt: now,
    foldExpiresAt: now + 30 * day,
    folds: true,
    minScore: 0,
    ...changes,
  };
}

/** What an analyst sees: each alert with its state, verdict and how many are folded under it. */
async function look(store: TestStore): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const state of ['open', 'decided', 'folded'] as const) {
    const input = { ...listed, tab: state, minScore: -1 };
    for (const row of (await store.ask('list_alerts', input)).rows) {
      seen[row.id] = `${row.state} ${row.verdict?.id ?? '-'} ${row.foldedCount}`;
    }
  }
  return seen;
}

/** The cached outcome in `alert` against the log of verdicts, which is the truth. */
function disagreements(directory: string): unknown[] {
  const db = new Database(workspacePaths(directory).database, { readonly: true });
  const rows = db
    .prepare(
      `SELECT alert.id, alert.decided_by, (
           SELECT max(standing.number) FROM standing_verdict AS standing
           CROSS JOIN action ON action.kind = 'verdict' AND action.reference = standing.number
           CROSS JOIN action_alert ON action_alert.action_number = action.number
           WHERE action_alert.alert_number = alert.number) AS current
       FROM alert WHERE alert.decided_by IS NOT current`,
    )
    .all();
  db.close();
  return rows;
}

type Alike = { id: string; signature: string; score: number; decided: string | null; folded: string | null };

function view(alerts: readonly Alike[]): Record<string, string> {
  return Object.fromEntries(
    alerts.map(({ id, decided, folded }) => {
      if (decided === null) return [id, folded === null ? 'open - 0' : 'folded - 0'];
      const under = alerts.filter((other) => other.decided === null && other.folded === decided).length;
      return [id, `decided ${decided} ${under}`];
    }),
  );
}

/** What folds is at most twice as unusual as what was judged. */
const foldMargin = Math.log10(2);

/** The rules in a few lines, on objects. */
function give(alerts: readonly Alike[], input: GiveVerdictInput): Alike[] {
  const target = alerts.find(({ id }) => id === input.alertId) as Alike;
  const released = alerts.map((alert) =>
    target.decided !== null && alert.folded === target.decided ? { ...alert, folded: null } : alert,
  );
  return released.map((alert) => {
    if (alert.id === target.id) return { ...alert, decided: input.verdictId };
    const isAlike = alert.signature === target.signature && alert.decided === null && alert.folded === null;
    const isWithin = alert.score >= input.minScore && alert.score <= target.score + foldMargin;
    return input.folds && isAlike && isWithin ? { ...alert, folded: input.verdictId } : alert;
  });
}

describe('any sequence of verdicts', () => {
  const command = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('give'),
        alert: fc.nat(7),
        folds: fc.boolean(),
        minScore: fc.constantFrom(0, 1.2, 5),
      }),
    },
    { weight: 3, arbitrary: fc.constant({ kind: 'undo' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'redo' as const }) },
  );

  test('shows what the rules say, and undo and redo walk the same states', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 14 }), async (commands) => {
        let alerts: Alike[] = Array.from({ length: 8 }, (_, row) => ({
          id: `alert-${row + 1}`,
          signature: row % 2 === 0 ? 'even' : 'odd',
          score: 1 + row * 0.11 + (row > 5 ? 3 : 0),
          decided: null,
          folded: null,
        }));
        const store = await seededStore(
          alerts.map(({ signature, score }, row) => alertOf(row + 1, { signature, score })),
        );
        const past: { alerts: Alike[]; alertId: string }[] = [];
        let future: { alerts: Alike[]; alertId: string }[] = [];
        for (const [step, input] of commands.entries()) {
          if ('alert' in input) {
            const verdict = verdictOf(`v${step}`, `alert-${input.alert + 1}`, {
              folds: input.folds,
              minScore: input.minScore,
            });
            past.push({ alerts, alertId: verdict.alertId });
            future = [];
            const before = alerts;
            alerts = give(alerts, verdict);
            const folded = alerts.filter((alert) => alert.folded === verdict.verdictId).length;
            const outcome = await store.ask('give_verdict', verdict);
            expect(outcome.foldedCount).toBe(folded);
            expect(before).not.toBe(alerts);
          } else if (input.kind === 'undo') {
            const last = past.pop();
            const outcome = await store.ask('undo_action', { actor, minScore: 0 });
            expect(outcome?.alertId).toBe(last?.alertId);
            if (last) {
              future.push({ alerts, alertId: last.alertId });
              alerts = last.alerts;
            }
          } else {
            const next = future.pop();
            const outcome = await store.ask('redo_action', { actor, minScore: 0 });
            expect(outcome?.alertId).toBe(next?.alertId);
            if (next) {
              past.push({ alerts, alertId: next.alertId });
              alerts = next.alerts;
            }
          }
          expect(await look(store)).toEqual(view(alerts));
        }
        expect(disagreements(store.directory)).toEqual([]);
        expect((await store.ask('verify_audit', undefined)).brokenAt).toBeNull();
        store.close();
      }),
      { numRuns: 60 },
    );
  });
});

test('a verdict answers with itself, what it folded and the counts, at the threshold given', async () => {
  const store = await seededStore([alertOf(1), alertOf(2), alertOf(3, { score: 2 }), alertOf(4, { signature: 'bb' })]);
  const outcome = await store.ask('give_verdict', verdictOf('v', 'alert-1', { minScore: 4, note: 'backup' }));
  expect(outcome).toEqual({
    verdict: {
      id: 'v',
      alertId: 'alert-1',
      value: 'false_positive_logic',
      note: 'backup',
      analyst: 'j.keller',
      givenAt: now,
    },
    alertCount: 1,
    foldedCount: 1,
    heldCount: 0,
    knownCount: 0,
    counts: { open: 1, mine: 0, decided: 1, folded: 1, muted: 0 },
  });
  expect(await store.ask('alert_counts', { minScore: 0 })).toMatchObject({ open: 2, decided: 1, folded: 1 });
  expect(await store.ask('alert_counts', { minScore: 6 })).toMatchObject({ open: 0, decided: 1, folded: 0 });
});

test('a second verdict replaces the first, which stays in the history until it is taken back', async () => {
  const store = await seededStore([alertOf(1), alertOf(2)]);
  await store.ask('give_verdict', verdictOf('v1', 'alert-1'));
  await store.ask('give_verdict', verdictOf('v2', 'alert-1', { value: 'true_positive', folds: false }));
  const get = async () => (await store.ask('get_alert', { alertId: 'alert-1', now })).history.map(({ id }) => id);
  expect(await get()).toEqual(['v1', 'v2']);
  expect(await look(store)).toEqual({ 'alert-1': 'decided v2 0', 'alert-2': 'open - 0' });
  await store.ask('undo_action', { actor, minScore: 0 });
  expect(await get()).toEqual(['v1']);
  expect(await look(store)).toEqual({ 'alert-1': 'decided v1 1', 'alert-2': 'folded - 0' });
});

test('a verdict id is given once', async () => {
  const store = await seededStore([alertOf(1), alertOf(2)]);
  await store.ask('give_verdict', verdictOf('v', 'alert-1'));
  await expect(store.ask('give_verdict', verdictOf('v', 'alert-2'))).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(store.ask('give_verdict', verdictOf('w', 'alert-9'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await look(store)).toEqual({ 'alert-1': 'decided v 1', 'alert-2': 'folded - 0' });
});

describe('alerts to come', () => {
  test.each([
    ['while the fold is in force', 'folded', now + 30 * day - 1, {}],
    ['when it has expired', 'open', now + 30 * day, {}],
    ['when only those open then were folded', 'open', now, { foldExpiresAt: null }],
    ['when nothing folds', 'open', now, { folds: false }],
  ])('%s are %s', async (_name, state, at, changes) => {
    const store = await seededStore([alertOf(1), alertOf(2)]);
    await store.ask('give_verdict', verdictOf('v', 'alert-1', changes));
    const before = await look(store);
    const run = runOf(store.sourceId, 'run-2', [alertOf(1), alertOf(2), alertOf(3)]);
    const outcome = await store.ask('replace_run', { ...run, actor: { ...actor, at } });
    expect(outcome).toEqual({ raised: 3, folded: state === 'folded' ? 1 : 0, removed: 0 });
    const after = await look(store);
    expect(after['alert-3']).toBe(`${state} - 0`);
    expect(after['alert-2']).toBe(before['alert-2']); // what is folded stays so when the fold expires
  });

  test('are not folded by a verdict taken back or replaced, and are released by its undo', async () => {
    const store = await seededStore([alertOf(1), alertOf(2)]);
    await store.ask('give_verdict', verdictOf('v', 'alert-1'));
    await store.ask('replace_run', runOf(store.sourceId, 'run-2', [alertOf(1), alertOf(2), alertOf(3)]));
    const undone = await store.ask('undo_action', { actor, minScore: 0 });
    expect(undone?.foldedCount).toBe(2);
    await store.ask(
      'replace_run',
      runOf(
        store.sourceId,
        'run-3',
        [1, 2, 3, 4].map((id) => alertOf(id)),
      ),
    );
    expect(Object.values(await look(store))).toEqual(['open - 0', 'open - 0', 'open - 0', 'open - 0']);
    const redone = await store.ask('redo_action', { actor, minScore: 0 });
    expect(redone?.foldedCount).toBe(2);
    await store.ask('give_verdict', verdictOf('w', 'alert-1', { value: 'true_positive', folds: false }));
    await store.ask(
      'replace_run',
      runOf(
        store.sourceId,
        'run-4',
        [1, 2, 3, 4, 5].map((id) => alertOf(id)),
      ),
    );
    expect((await look(store))['alert-5']).toBe('open - 0');
  });
});

test('what alerts alike were judged is counted without the alert itself', async () => {
  const store = await seededStore([1, 2, 3, 4].map((id) => alertOf(id)));
  await store.ask('give_verdict', verdictOf('v1', 'alert-1', { folds: false }));
  await store.ask('give_verdict', verdictOf('v2', 'alert-2', { folds: false }));
  await store.ask('give_verdict', verdictOf('v3', 'alert-3', { folds: false, value: 'true_positive' }));
  const seen = async (alertId: string) => (await store.ask('get_alert', { alertId, now })).row.seenBefore;
  const none = { benign_true_positive: 0, false_positive_data: 0, undetermined: 0 };
  expect(await seen('alert-4')).toEqual({ ...none, true_positive: 1, false_positive_logic: 2 });
  expect(await seen('alert-1')).toEqual({ ...none, true_positive: 1, false_positive_logic: 1 });
  expect(await store.ask('labelled_scores', { modelId: 'model-1' })).toMatchObject([
    { score: 5, value: 'false_positive_logic' },
    { score: 5, value: 'false_positive_logic' },
    { score: 5, value: 'true_positive' },
  ]);
  expect(await store.ask('labelled_scores', { modelId: 'other' })).toEqual([]);
});

test('of alike alerts that one verdict decided a model learns from its own, though another model raised the first (it learned from none)', async () => {
  const store = await seededStore([alertOf(1), alertOf(2)]);
  await addModel(store, 'model-2');
  await store.ask('use_model', { modelId: 'model-2', actor });
  const second = await importLines(store, [{ raw: 'another log' }], { name: 'other.log' });
  const other = alertOf(second.firstEventId, { score: 6, sessionId: second.firstSessionId });
  await store.ask('replace_run', { ...runOf(second.sourceId, 'run-2', [other]), modelId: 'model-2' });
  await store.ask('give_verdict_to_many', {
    ...{ selection: { kind: 'ids', ids: ['alert-1', 'alert-2', other.id] }, verdictId: 'v', value: 'true_positive' },
    ...{ note: '', analyst: actor.analyst, givenAt: now, foldExpiresAt: null, folds: false, minScore: 0 },
  });
  expect(await store.ask('labelled_scores', { modelId: 'model-1' })).toMatchObject([{ score: 5 }]);
  expect(await store.ask('labelled_scores', { modelId: 'model-2' })).toMatchObject([{ score: 6 }]);
});

test('ten thousand alerts alike fold and unfold whole', async () => {
  const alerts = Array.from({ length: 10_000 }, (_, row) => alertOf(row + 1));
  const store = await seededStore(alerts, 10_000);
  expect((await store.ask('give_verdict', verdictOf('v', 'alert-5'))).foldedCount).toBe(9999);
  expect((await store.ask('undo_action', { actor, minScore: 0 }))?.foldedCount).toBe(9999);
  expect((await store.ask('redo_action', { actor, minScore: 0 }))?.counts).toMatchObject({
    open: 0,
    decided: 1,
    folded: 9999,
  });
});

test('the record of verdicts cannot be rewritten', async () => {
  const store = await seededStore([alertOf(1)]);
  await store.ask('give_verdict', verdictOf('v', 'alert-1'));
  store.close();
  const db = new Database(workspacePaths(store.directory).database);
  expect(() => db.exec(`UPDATE verdict SET value = 'true_positive'`)).toThrow('append-only');
  expect(() => db.exec('DELETE FROM verdict')).toThrow('append-only');
  db.close();
});
