/** @file Events drawn from what was not flagged: one that shows in a list, is counted, folds or notifies would be an alert nobody raised. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QueueTab } from '../../src/shared/alertLists.ts';
import type { VerdictValue } from '../../src/shared/verdicts.ts';
import { openTestStore, seededStore } from './helpers.ts';
import { actor, addModel, alertOf, importLines, listed, now, runOf, type TestStore } from './rows.ts';

const tabs: QueueTab[] = ['open', 'mine', 'decided', 'folded', 'muted', 'all'];
const verdict = (alertId: string, value: VerdictValue = 'true_positive', id = `verdict-${alertId}`) => ({
  ...{ verdictId: id, alertId, value, note: '', analyst: actor.analyst, givenAt: now, minScore: 0 },
  ...{ foldExpiresAt: value === 'true_positive' ? null : now + 1000, folds: true },
});
/** Two alerts of a kind, and of the same kind two events that were not flagged and drawn. */
async function sampledStore() {
  const store = await seededStore([]);
  const samples = [3, 4].map((eventId) => ({ alert: alertOf(eventId, { score: 2, severity: 1 }), weight: 250 }));
  await store.ask('replace_run', { ...runOf(store.sourceId, 'run-2', [alertOf(1), alertOf(2)]), samples });
  return { ...store, samples };
}
const idsIn = async (store: TestStore, tab: QueueTab, filter = '') =>
  (await store.ask('list_alerts', { ...listed, tab, filter })).rows.map(({ id }) => id).sort();

describe('what was drawn', () => {
  it('is in no list, group, count, summary, bulk action or notification', async () => {
    const store = await sampledStore();
    expect(await idsIn(store, 'open')).toEqual(['alert-1', 'alert-2']);
    expect(await idsIn(store, 'all')).toEqual(['alert-1', 'alert-2']);
    for (const filter of ['state:open', '-state:open', 'score<3', 'signature:aa -state:decided'])
      for (const tab of tabs)
        expect((await idsIn(store, tab, filter)).filter((id) => id === 'alert-3' || id === 'alert-4')).toEqual([]);
    expect(await store.ask('alert_counts', { minScore: 0 })).toMatchObject({ open: 2, decided: 0, folded: 0 });
    const query = { tab: 'all' as const, filter: '', zone: 'UTC', asOf: null };
    const context = { minScore: 0, now, analyst: actor.analyst };
    expect((await store.ask('summarise_alerts', { ...query, ...context, order: 'time', pageSize: 100 })).total).toBe(2);
    const { groups } = await store.ask('group_alerts', { ...query, ...context, order: 'time', by: 'signature' });
    expect(groups.map(({ count }) => count)).toEqual([2]);
    const assigned = { selection: { kind: 'query' as const, query, except: [] }, owner: 'p.adler', minScore: 0, actor };
    expect((await store.ask('assign_alerts', assigned)).alertCount).toBe(2);
    expect(await store.ask('severe_since', { afterNumber: 0, minScore: 0 })).toMatchObject({ high: 2, critical: 0 });
    const { lines } = await store.ask('alert_sparklines', { signatures: ['aa'], now });
    expect(lines[0]?.reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it('neither folds under a verdict on its like nor counts as a repeat', async () => {
    const store = await sampledStore();
    expect(await store.ask('give_verdict', verdict('alert-1', 'false_positive_logic'))).toMatchObject({
      foldedCount: 1,
    });
    expect((await store.ask('get_alert', { alertId: 'alert-3', now })).row.state).toBe('sampled');
    await store.ask('fold_again', { limit: 1000 });
    expect((await store.ask('get_alert', { alertId: 'alert-3', now })).row.state).toBe('sampled');
  });

  it('is an ordinary decided alert from its verdict on, is labelled with its weight, and goes back with undo', async () => {
    const store = await sampledStore();
    await store.ask('give_verdict', verdict('alert-3'));
    expect(await idsIn(store, 'decided')).toEqual(['alert-3']);
    expect(await store.ask('labelled_scores', { modelId: 'model-1' })).toEqual([
      expect.objectContaining({ score: 2, value: 'true_positive', origin: 'sample', samplingWeight: 250 }),
    ]);
    await store.ask('undo_action', { actor, minScore: 0 });
    expect(await idsIn(store, 'decided')).toEqual([]);
    expect(await idsIn(store, 'all')).toEqual(['alert-1', 'alert-2']);
  });

  it('stands for all that is alike with it: whatever is decided together, weights add up to what was drawn', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 500 }), alike: fc.nat(1), verdict: fc.nat(2) }), {
          minLength: 1,
          maxLength: 12,
        }),
        async (drawn) => {
          const store = await seededStore([]);
          const samples = drawn.map(({ weight, alike }, index) => ({
            alert: alertOf(index + 3, { score: 2, severity: 1, signature: `s${alike}` }),
            weight,
          }));
          await store.ask('replace_run', {
            ...runOf(store.sourceId, 'run-2', [alertOf(1, { signature: 's0' })]),
            samples,
          });
          const idsOf = (wanted: number): string[] =>
            drawn.flatMap(({ verdict: own }, index) => (own === wanted ? [`alert-${index + 3}`] : []));
          // The third of the verdicts is not given; the alert that was raised is decided with the first.
          const together = [[...idsOf(0), 'alert-1'], idsOf(1)].filter(({ length }) => length > 0);
          for (const [index, ids] of together.entries()) {
            const { alertId: _alertId, ...given } = verdict('', 'true_positive', `verdict-${index}`);
            await store.ask('give_verdict_to_many', { ...given, selection: { kind: 'ids', ids } });
          }
          const labelled = await store.ask('labelled_scores', { modelId: 'model-1' });
          const sum = (weights: number[]): number => weights.reduce((all, weight) => all + weight, 0);
          const decided = drawn.filter(({ verdict: own }) => own < 2);
          expect(sum(labelled.map(({ samplingWeight }) => samplingWeight ?? 0))).toBe(
            sum(decided.map(({ weight }) => weight)),
          );
          // Who was raised stands for itself, whatever is alike.
          expect(labelled.filter(({ samplingWeight }) => samplingWeight === null)).toMatchObject([
            { origin: 'detector' },
          ]);
          const kinds = new Set(decided.map(({ alike, verdict: own }) => `${alike} ${own}`));
          expect(labelled).toHaveLength(kinds.size + 1);
          store.close();
        },
      ),
      { numRuns: 15 },
    );
  });

  it('is drawn anew with the next run; what was decided stays, and weighs only where it was drawn again', async () => {
    const store = await sampledStore();
    await store.ask('give_verdict', verdict('alert-3'));
    await store.ask('give_verdict', verdict('alert-4'));
    const samples = [4, 5].map((eventId) => ({ alert: alertOf(eventId, { score: 1 }), weight: 100 }));
    await store.ask('replace_run', { ...runOf(store.sourceId, 'run-3', [alertOf(1), alertOf(2)]), samples });
    const labelled = await store.ask('labelled_scores', { modelId: 'model-1' });
    expect(labelled.map(({ score, samplingWeight }) => [score, samplingWeight])).toEqual([
      [2, null],
      [1, 100],
    ]);
    expect((await store.ask('get_alert', { alertId: 'alert-5', now })).row.state).toBe('sampled');
  });

  it('makes room for the alert that its event becomes, which is new', async () => {
    const store = await sampledStore();
    await store.ask('replace_run', runOf(store.sourceId, 'run-3', [alertOf(3, { id: 'raised-3' })]));
    expect(await idsIn(store, 'open')).toEqual(['raised-3']);
    await expect(store.ask('get_alert', { alertId: 'alert-3', now })).rejects.toThrow('There is no alert');
  });

  it('of an event whose alert is kept below the threshold leaves that alert what it is', async () => {
    const store = await openTestStore();
    await addModel(store);
    const { sourceId } = await importLines(store, [{ raw: 'a' }, { raw: 'b' }]);
    const samples = [{ alert: alertOf(1, { id: 'drawn', score: 3 }), weight: 2 }];
    await store.ask('replace_run', { ...runOf(sourceId, 'run-1', [alertOf(1, { score: 3 })]), samples });
    expect(await idsIn(store, 'open')).toEqual(['alert-1']);
    await store.ask('give_verdict', verdict('alert-1'));
    expect(await store.ask('labelled_scores', { modelId: 'model-1' })).toMatchObject([
      { origin: 'detector', samplingWeight: 2 },
    ]);
  });
});
