/** @file What the app tells of its engine: now and not on average, and nothing that waits after it ended. */
import { expect, test } from 'vitest';
import { EngineMeter } from '../../src/main/app/engineMeter.ts';
import { RecentRate } from '../../src/main/app/recentRate.ts';

test('a rate is that of the last seconds (a fast beginning that hides a crawl)', () => {
  const rate = new RecentRate(0);
  for (let at = 100; at <= 10_000; at += 100) rate.add(1000, at);
  expect(rate.perSecond(10_000)).toBeCloseTo(10_000, -3);
  for (let at = 11_000; at <= 20_000; at += 1000) rate.add(10, at);
  expect(rate.perSecond(20_000)).toBeCloseTo(10, 0);
  expect(rate.perSecond(60_000)).toBe(0);
});

test('a request waits until it ends, also where it fails; what came from memory counts as asked, not as computed', async () => {
  const meter = new EngineMeter(() => 0);
  const output = {
    bits: new Float32Array(8),
    askedTokens: 7,
    computedTokens: 2,
    graph: 'f32' as const,
    residentBytes: 5,
  };
  const scoring = meter.scoring(8, () => Promise.resolve(output));
  expect(meter.figures('thread').waitingTokens).toBe(8);
  await scoring;
  await expect(meter.scoring(9, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  const figures = meter.figures('process');
  expect(figures).toMatchObject({ askedTokens: 7, computedTokens: 2, waitingTokens: 0 });
  expect(figures.residentBytes).toBeGreaterThan(5);
});
