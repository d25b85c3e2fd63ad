/** @file When verdicts are learned from. Catches learning after every key, a verdict that is never learned from, and learning that leaves no room for anything else. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gathering, gatherMs, restPerWork } from '../../src/main/app/gathering.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Verdicts so far at each learning; one takes `tookMs`. */
function gathered(tookMs: number) {
  let verdicts = 0;
  let last: Promise<unknown> = Promise.resolve();
  const learned: { at: number; verdicts: number }[] = [];
  const errors: unknown[] = [];
  const startedAt = performance.now();
  const gathering = new Gathering({
    inTurn: (work) => {
      const turn = last.then(work);
      last = turn.catch(() => undefined);
      return turn;
    },
    learn: async () => {
      learned.push({ at: performance.now() - startedAt, verdicts });
      await new Promise((resolve) => setTimeout(resolve, tookMs));
    },
    ended: (error) => errors.push(error),
  });
  const give = (): void => {
    verdicts++;
    gathering.want();
  };
  return { gathering, learned, errors, give, before: (work: Promise<void>) => (last = work) };
}

test('the first at once, those right behind it together, and none is left out', async () => {
  const { learned, errors, give } = gathered(0);
  give();
  await vi.advanceTimersByTimeAsync(1);
  for (let count = 0; count < 9; count++) {
    give();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(learned.map(({ verdicts }) => verdicts)).toEqual([1]);
  await vi.advanceTimersByTimeAsync(gatherMs);
  expect(learned.map(({ verdicts }) => verdicts)).toEqual([1, 10]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(learned).toHaveLength(2);
  expect(errors).toEqual([undefined, undefined]);
});

test('it rests as many times as long as it took while verdicts keep coming (a queue of many alerts stood still)', async () => {
  const tookMs = 1000;
  const { learned, give } = gathered(tookMs);
  for (let count = 0; count < 300; count++) {
    give();
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(60_000);
  const gaps = learned.slice(1).map(({ at }, index) => at - (learned[index]?.at ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(tookMs * (1 + restPerWork));
  expect(learned.at(-1)?.verdicts).toBe(300);
});

test('behind something long one waits for all of them (each had its turn after it)', async () => {
  const { learned, give, before } = gathered(0);
  before(new Promise((resolve) => setTimeout(resolve, 10_000)));
  for (let count = 0; count < 50; count++) {
    give();
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(60_000);
  expect(learned.map(({ verdicts }) => verdicts)).toEqual([50]);
});

test('what is hurried is learned at once, and is not learned again', async () => {
  const { gathering, learned, give } = gathered(0);
  give();
  await vi.advanceTimersByTimeAsync(1);
  give();
  gathering.hurry();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(learned.map(({ verdicts }) => verdicts)).toEqual([1, 2]);
  gathering.hurry();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(learned).toHaveLength(2);
});
