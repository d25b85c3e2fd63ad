/** @file Alerts that are alike, and verdicts on them: what the tests of memory begin with. */
import type { NewAlert } from '../../src/main/store/protocol/alerts.ts';
import type { GiveVerdictInput } from '../../src/main/store/protocol/verdicts.ts';
import type { NewThreshold } from '../../src/main/store/protocol/learning.ts';
import { seededStore } from './helpers.ts';
import { actor, alertOf, day, listed, now, type TestStore } from './rows.ts';

export type SeededStore = Awaited<ReturnType<typeof seededStore>>;

export const until = now + 28 * day;

/** A false alarm that folds what is alike. */
export function given(verdictId: string, alertId: string, changes: Partial<GiveVerdictInput> = {}): GiveVerdictInput {
  const value = 'false_positive_logic';
  return {
    verdictId,
    alertId,
    value,
    note: '',
    analyst: 'a',
    givenAt: now,
    foldExpiresAt: until,
    folds: true,
    minScore: 4,
    ...changes,
  };
}
export const threat = { value: 'true_positive', folds: false, foldExpiresAt: null } as const;

/** Each alert: its state, whether it is known, its own score and its severity. */
export async function look(store: TestStore, minScore = 4): Promise<string[]> {
  const seen: string[] = [];
  for (const tab of ['open', 'decided', 'folded'] as const)
    for (const row of (await store.ask('list_alerts', { ...listed, tab, minScore })).rows)
      seen.push(`${row.id} ${row.state}${row.isKnownThreat ? ' known' : ''} ${row.score} ${row.severity}`);
  return seen.sort();
}

export const threshold: NewThreshold = {
  ...{ modelId: 'model-1', score: 4, budgetScore: 4, reason: 'learned', budget: { alerts: 20, per: '100k' } },
  ...{
    eventsPerPeriod: 1,
    calibrationEvents: 1,
    meaning: '',
    createdAt: now,
    verdictCount: 0,
    preset: { kind: 'budget' },
  },
};

/** Judged by a threshold of 4. */
export async function storeWith(alerts: NewAlert[]): Promise<SeededStore> {
  const store = await seededStore(alerts);
  await store.ask('add_threshold', { threshold, actor });
  await store.ask('use_model', { modelId: 'model-1', actor });
  return store;
}

/** Three that are alike, of two actors, and another. */
export function seeded(): Promise<SeededStore> {
  return storeWith([
    alertOf(1, { score: 5, severity: 2, entityHash: 7 }),
    alertOf(2, { score: 5, severity: 2, entityHash: 7 }),
    // Below the threshold, kept for when it falls.
    alertOf(3, { score: 3.6, severity: 1, entityHash: 8 }),
    alertOf(4, { score: 5, severity: 2, signature: 'other', entityHash: 8 }),
  ]);
}
