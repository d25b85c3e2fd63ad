/** @file Work at rest. Catches work that is done for every wish, before the hand rests, or never where it does not rest. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AtRest } from '../../src/renderer/lib/atRest.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('is done once for all wishes, after a moment in which nothing was done, and at last without one', async () => {
  const done: number[] = [];
  const begun = performance.now();
  const rest = new AtRest(async () => void done.push(performance.now() - begun), { restMs: 250, mostWaitMs: 1000 });
  const both = Promise.all([rest.wish(), rest.wish()]);
  await vi.advanceTimersByTimeAsync(200);
  rest.postpone();
  await vi.advanceTimersByTimeAsync(200);
  expect(done).toEqual([]);
  await vi.advanceTimersByTimeAsync(50);
  await both;
  expect(done).toEqual([450]);
  void rest.wish();
  for (let key = 0; key < 30; key++) {
    await vi.advanceTimersByTimeAsync(90);
    rest.postpone();
  }
  expect(done).toEqual([450, 1450]);
});

it('what went wrong is heard by who wished for it', async () => {
  const rest = new AtRest(() => Promise.reject(new Error('gone')), { restMs: 1, mostWaitMs: 1 });
  const wish = expect(rest.wish()).rejects.toThrow('gone');
  await vi.advanceTimersByTimeAsync(1);
  await wish;
});
