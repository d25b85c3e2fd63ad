/**
 * @file Which version of the threshold verdicts make. Catches a verdict that was taken back and leaves the threshold beside where it was: moves too small to
 * see had been left out of it, and how many there were hung on how fast the verdicts came.
 */
import { expect, it } from 'vitest';
import type { AdaptClient } from '../../src/main/app/adaptClient.ts';
import type { Services } from '../../src/main/app/services.ts';
import { fitTaught } from '../../src/main/app/taughtFit.ts';
import type { AdaptOutput } from '../../src/shared/adaptProtocol.ts';
import { defaultLearning } from '../../src/shared/learning.ts';
import type { Taught } from '../../src/shared/taught.ts';
import type { Threshold } from '../../src/shared/thresholds.ts';

const taught: Taught = { weights: { key: 1.2 }, joined: null };

function versionOf(version: number, score: number, change: Partial<Threshold> = {}): Threshold {
  return {
    ...{
      version,
      score,
      budgetScore: 2,
      reason: 'verdicts',
      preset: { kind: 'budget' },
      modelId: 'm',
      isCurrent: false,
    },
    ...{ budget: { alerts: 20, per: 'day' }, eventsPerPeriod: 1000, calibrationEvents: 500, meaning: '', taught },
    ...{ createdAt: 0, verdictCount: 3 },
    ...change,
  };
}

/** What comes of a fit that finds 1.7681, with these versions, the one in force first. */
async function scoreAfter(versions: Threshold[]): Promise<number | null> {
  const answers: Record<string, unknown> = {
    list_models: [],
    labelled_scores: [],
    judged_rows: { rows: 0, decidedShare: 0 },
    recent_thresholds: versions,
  };
  const services = { store: { call: (method: string) => Promise.resolve(answers[method]) } } as unknown as Services;
  const found: AdaptOutput = {
    ...{ thresholdScore: 1.7681, taught: { weights: { key: 1.201 }, joined: null }, calibrationRows: 500 },
    ...{ missedThreats: 0, falseAlarms: 0, labelCount: 3, warnings: [] },
  };
  const adapt = { call: () => Promise.resolve(found) } as unknown as AdaptClient;
  const [current = versionOf(0, 0)] = versions;
  const fit = await fitTaught(services, adapt, { current, settings: defaultLearning, meant: [] });
  return fit.taught?.score ?? null;
}

it('leads back to exactly the version that was in force, where nobody would see a difference from it', async () => {
  const moved = versionOf(3, 1.9);
  expect(await scoreAfter([moved, versionOf(2, 1.7689), versionOf(1, 1.7601)])).toBe(1.7689);
  // Nothing is changed where that is the one in force.
  expect(await scoreAfter([versionOf(2, 1.7689)])).toBeNull();
});

it('is what was found where no version is as good as that, or it was of another budget or other weights', async () => {
  const moved = versionOf(3, 1.9);
  expect(await scoreAfter([moved, versionOf(2, 1.7789)])).toBe(1.7681);
  expect(await scoreAfter([moved, versionOf(2, 1.7689, { budgetScore: 2.1 })])).toBe(1.7681);
  expect(await scoreAfter([moved, versionOf(2, 1.7689, { taught: null })])).toBe(1.7681);
});
