/** @file Retraining without being asked. Catches one that starts though it is off, before there is anything new, beside another, or again and again. */
import { describe, expect, it } from 'vitest';
import { isNight, RetrainRuleWatch } from '../../src/main/app/retraining/rule.ts';
import { explorationShare } from '../../src/main/app/teachList.ts';
import type { Services } from '../../src/main/app/services.ts';
import { defaultLearning, type RetrainRule } from '../../src/shared/learning.ts';
import { AppError } from '../../src/shared/errors.ts';

const minute = 60_000;
const hour = 60 * minute;
const noon = Date.UTC(2026, 10, 20, 12);
const night = Date.UTC(2026, 10, 21, 3);

type Situation = {
  rule: RetrainRule;
  /** Numbers of those that stand. */
  verdicts: number;
  at: number;
  timeZone: string;
  isRunning: boolean;
  /** Logs are to be scored by the model in use first. */
  isAwaiting: boolean;
  state: 'proposed' | 'adopted' | 'discarded';
  /** What comes of one that is asked for. `fails`: the job does, later. */
  outcome: 'proposed' | 'refused' | 'fails';
};
type Proposal = { state: Situation['state']; proposedAt: number; report: { verdictNumber: number } };

/** Only what the watch asks of the app. */
function watchIn(situation: Partial<Situation>) {
  const now: Situation = {
    ...{ rule: 'after_32' as const, verdicts: 32, at: noon, timeZone: 'UTC', isRunning: false, state: 'adopted' },
    ...{ outcome: 'proposed', isAwaiting: false },
    ...situation,
  };
  const startedAt: number[] = [];
  const told: (string | null)[] = [];
  const retrainings: Proposal[] = [{ state: now.state, proposedAt: noon - 50 * hour, report: { verdictNumber: 0 } }];
  const answers: Record<string, (input: { afterNumber: number }) => unknown> = {
    get_setting: () => ({ ...defaultLearning, retrainRule: now.rule }),
    list_retrainings: () => retrainings,
    newest_verdict: () => now.verdicts,
    current_threshold: () => ({ modelId: 'm' }),
    list_jobs: () => [],
    list_awaited_logs: () => (now.isAwaiting ? [{ sourceId: 1, sourceName: 'auth.log', modelId: 'm' }] : []),
    count_verdicts: ({ afterNumber }) => Math.max(0, now.verdicts - afterNumber),
  };
  const parts = {
    services: {
      store: { call: (method: string, input: { afterNumber: number }) => Promise.resolve(answers[method]?.(input)) },
      host: {
        now: () => now.at,
        get timeZone() {
          return now.timeZone;
        },
      },
    },
    jobs: { isRunning: () => now.isRunning },
    work: {
      startRetraining: () => {
        startedAt.push(now.at);
        if (now.outcome === 'refused') return Promise.reject(new AppError('BAD_INPUT', 'Too few of one class.'));
        if (now.outcome === 'proposed')
          retrainings.push({ state: 'proposed', proposedAt: now.at, report: { verdictNumber: now.verdicts } });
        return Promise.resolve({});
      },
    },
    tellStatus: () => told.push(watch.problem),
  };
  const open = () => new RetrainRuleWatch(parts as unknown as ConstructorParameters<typeof RetrainRuleWatch>[0]);
  let watch = open();
  return {
    now,
    startedAt,
    told,
    /** The watch of the app that is open now. */
    watch: () => watch,
    reopen: () => (watch = open()),
    decide: () => retrainings.forEach((one) => (one.state = 'adopted')),
    /** What the timer of an app that is open does up to then. */
    pass: async (until: number) => {
      for (; now.at < until; now.at += 10 * minute) await watch.look();
    },
  };
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
  const { now, watch, startedAt } = watchIn({ ...situation, at: noon - hour, rule: 'off' });
  await watch().look();
  Object.assign(now, { rule: 'after_32', at: noon, ...situation });
  await watch().look();
  expect(startedAt.length).toBe(starts ? 1 : 0);
});

it('that could not be started is tried again with a verdict more and an hour later, and says why once', async () => {
  const { now, watch, startedAt, told } = watchIn({ outcome: 'refused' });
  for (const minutes of [0, 30, 59, 60, 120]) {
    now.at = noon + minutes * minute;
    await watch().look();
  }
  expect([startedAt.length, told]).toEqual([1, [expect.stringContaining('none was started: Too few of one class.')]]);
  Object.assign(now, { verdicts: 33, outcome: 'proposed' });
  await watch().look();
  expect([startedAt.length, told.at(-1)]).toEqual([2, null]);
});

it('waits for logs to be scored by the model in use, says nothing of it, and starts on the same verdicts behind that', async () => {
  const { now, watch, startedAt, told } = watchIn({ isAwaiting: true });
  await watch().look();
  expect([startedAt, told]).toEqual([[], []]);
  now.isAwaiting = false;
  await watch().look();
  expect(startedAt).toEqual([noon]);
});

it('that failed is not begun again on the same verdicts', async () => {
  const { now, watch, startedAt } = watchIn({ outcome: 'fails' });
  for (let minutes = 0; minutes <= 300; minutes += 10) {
    now.at = noon + minutes * minute;
    await watch().look();
  }
  expect(startedAt).toEqual([noon]);
  now.verdicts = 64;
  await watch().look();
  expect(startedAt.length).toBe(2);
});

it('counts a verdict that is given while one runs, and one that a clock set back stamps before it', async () => {
  const { now, watch, startedAt, decide } = watchIn({});
  await watch().look();
  decide();
  Object.assign(now, { verdicts: 64, at: noon - 100 * hour });
  await watch().look();
  expect(startedAt.length).toBe(2);
});

describe('nightly, by the clock', () => {
  const midnight = Date.UTC(2026, 10, 21);
  const nightly = { rule: 'nightly' as const, verdicts: 5 };
  /** Open since before anything was new. */
  const openWith = async (situation: Partial<Situation>) => {
    const open = watchIn({ ...situation, verdicts: 0 });
    await open.watch().look();
    open.now.verdicts = situation.verdicts ?? 0;
    return open;
  };

  it('runs once, after two, over midnight; and in the next night only with something new', async () => {
    const { now, pass, decide, startedAt } = await openWith(nightly);
    await pass(midnight + 12 * hour);
    expect(startedAt).toEqual([midnight + 2 * hour]);
    decide();
    await pass(midnight + 36 * hour);
    expect(startedAt.length).toBe(1);
    now.verdicts++;
    await pass(midnight + 60 * hour);
    expect(startedAt.slice(1)).toEqual([midnight + 50 * hour]);
  });

  it('is not run twice in one night, whatever was decided and given in between', async () => {
    const { now, pass, decide, startedAt } = await openWith(nightly);
    await pass(midnight + 3 * hour);
    decide();
    now.verdicts = 40;
    await pass(midnight + 24 * hour);
    expect(startedAt.length).toBe(1);
  });

  it('switched on by day waits for the night', async () => {
    const { now, pass, startedAt } = watchIn({ ...nightly, rule: 'off', at: midnight + 9 * hour });
    await pass(midnight + 10 * hour);
    now.rule = 'nightly';
    await pass(midnight + 25 * hour);
    expect(startedAt).toEqual([]);
    await pass(midnight + 27 * hour);
    expect(startedAt).toEqual([midnight + 26 * hour]);
  });

  it('closed at the hour, or for two nights, is made up for when it is opened, once', async () => {
    const { now, pass, reopen, decide, startedAt } = await openWith(nightly);
    await pass(midnight - hour);
    for (const opened of [midnight + 9 * hour, midnight + 81 * hour]) {
      now.at = opened;
      now.verdicts += 5;
      reopen();
      await pass(opened + 8 * hour);
      expect(startedAt.at(-1)).toBe(opened);
      decide();
      // Opened again on the same day.
      reopen();
      await pass(opened + 9 * hour);
    }
    expect(startedAt.length).toBe(2);
  });

  it('asleep at the hour is made up for when the machine wakes', async () => {
    const { now, pass, startedAt } = await openWith(nightly);
    await pass(midnight - hour);
    now.at = midnight + 9 * hour;
    await pass(midnight + 12 * hour);
    expect(startedAt).toEqual([midnight + 9 * hour]);
  });

  it.each([
    ['an hour, out of the night', hour, 1],
    ['a year', 365 * 24 * hour, 2],
  ])('set back by %s', async (_by, backMs, runs) => {
    const { now, pass, decide, startedAt } = await openWith(nightly);
    await pass(midnight + 2.5 * hour);
    decide();
    now.verdicts++;
    now.at -= backMs;
    await pass(now.at + 12 * hour);
    expect(startedAt.length).toBe(runs);
    now.verdicts++;
    decide();
    await pass(now.at + 24 * hour);
    expect(startedAt.length).toBe(runs + 1);
  });

  it.each([
    // At two it is three, and at three it is two again.
    ['begins', Date.UTC(2026, 2, 28, 11), Date.UTC(2026, 2, 29, 1)],
    ['ends', Date.UTC(2026, 9, 24, 10), Date.UTC(2026, 9, 25, 0)],
  ])('runs once in the night in which daylight saving %s', async (_which, from, first) => {
    const { now, pass, decide, startedAt } = await openWith({ ...nightly, timeZone: 'Europe/Berlin', at: from });
    await pass(first + 30 * minute);
    decide();
    now.verdicts++;
    await pass(first + 20 * hour);
    expect(startedAt).toEqual([first]);
  });

  it('waits while a retraining runs, and begins none in a later hour of the night for what that one read', async () => {
    const { now, pass, startedAt } = await openWith({ ...nightly, isRunning: true });
    await pass(midnight + 3 * hour);
    expect(startedAt).toEqual([]);
    now.isRunning = false;
    await pass(midnight + 3.5 * hour);
    expect(startedAt).toEqual([midnight + 3 * hour]);
  });

  it('refused for too few verdicts is tried and told once a night, and only with new ones', async () => {
    const { now, pass, startedAt, told } = await openWith({ ...nightly, outcome: 'refused' });
    await pass(midnight + 60 * hour);
    expect([startedAt.length, told.length]).toEqual([1, 1]);
    now.verdicts++;
    await pass(midnight + 84 * hour);
    expect([startedAt.length, told.length]).toEqual([2, 1]);
  });
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
