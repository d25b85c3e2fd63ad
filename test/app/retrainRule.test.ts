/** @file Retraining without being asked. Catches one that starts though it is off, before there is anything new, beside another, or again and again. */
import { expect, it } from 'vitest';
import { isNight, RetrainRuleWatch } from '../../src/main/app/retraining/rule.ts';
import { explorationShare } from '../../src/main/app/teachList.ts';
import type { Services } from '../../src/main/app/services.ts';
import { defaultLearning, type RetrainRule } from '../../src/shared/learning.ts';
import { AppError } from '../../src/shared/errors.ts';

const hour = 3_600_000;
const noon = Date.UTC(2026, 10, 20, 12);
const night = Date.UTC(2026, 10, 21, 3);

type Situation = {
  rule: RetrainRule;
  verdicts: number;
  at: number;
  isRunning: boolean;
  state: string;
  refuses: boolean;
};

/** Only what the watch asks of the app. */
function watchIn(situation: Partial<Situation>) {
  const now: Situation = {
    ...{ rule: 'after_32' as const, verdicts: 32, at: noon, isRunning: false, state: 'adopted', refuses: false },
    ...situation,
  };
  let started = 0;
  const answers: Record<string, () => unknown> = {
    get_setting: () => ({ ...defaultLearning, retrainRule: now.rule }),
    list_retrainings: () => [{ state: now.state, proposedAt: noon - 50 * hour }],
    count_verdicts: () => now.verdicts,
  };
  const parts = {
    services: {
      store: { call: (method: string) => Promise.resolve(answers[method]?.()) },
      host: { now: () => now.at, timeZone: 'UTC' },
    },
    jobs: { isRunning: () => now.isRunning },
    work: {
      startRetraining: () => {
        started++;
        return now.refuses ? Promise.reject(new AppError('BAD_INPUT', 'Too few.')) : Promise.resolve({});
      },
    },
  };
  const watch = new RetrainRuleWatch(parts as unknown as ConstructorParameters<typeof RetrainRuleWatch>[0]);
  return { now, watch, started: () => started };
}

it.each<[string, Partial<Situation>, boolean]>([
  ['off, whatever came', { rule: 'off', verdicts: 500, at: night }, false],
  ['after 32, at the thirty-second', { verdicts: 32 }, true],
  ['after 32, one before', { verdicts: 31 }, false],
  ['at night, with one', { rule: 'nightly', verdicts: 1, at: night }, true],
  ['at night, with none', { rule: 'nightly', verdicts: 0, at: night }, false],
  ['nightly, by day', { rule: 'nightly', verdicts: 500 }, false],
  ['beside one that runs', { isRunning: true }, false],
  ['while one waits for a decision', { state: 'proposed' }, false],
])('%s', async (_name, situation, starts) => {
  const { watch, started } = watchIn(situation);
  expect(await watch.look()).toBe(starts);
  expect(started()).toBe(starts ? 1 : 0);
});

it('is not tried again for an hour after one that could not be started', async () => {
  const { now, watch, started } = watchIn({ refuses: true });
  for (const minutes of [0, 30, 59]) {
    now.at = noon + minutes * 60_000;
    expect(await watch.look()).toBe(false);
  }
  expect(started()).toBe(1);
  now.at = noon + hour;
  await watch.look();
  expect(started()).toBe(2);
});

it('night is of the machine’s zone', () => {
  expect([isNight(night, 'UTC'), isNight(night, 'Asia/Tokyo')]).toEqual([true, false]);
});

it('of what is asked a tenth is drawn at random, a twentieth less with each retraining, and never less than one in a hundred', async () => {
  const shareAfter = (retrained: number): Promise<number> => {
    const call = (method: string) => Promise.resolve(method === 'count_adopted' ? retrained : null);
    return explorationShare({ store: { call } } as unknown as Services);
  };
  expect(await shareAfter(0)).toBe(0.1);
  expect(await shareAfter(2)).toBeCloseTo(0.1 * 0.95 ** 2, 12);
  expect(await shareAfter(60)).toBe(0.01);
});
