/** @file Figures of learning: an interval that is too narrow would let an analyst trust a recall that nobody measured. */
import { describe, expect, it } from 'vitest';
import { gammaQuantile, recallOf, shareOf, type DrawnLabel } from '../../src/main/detect/estimates.ts';
import { SampleReservoir } from '../../src/main/detect/sampling.ts';
import { selectToTeach } from '../../src/main/detect/teachQueue.ts';
import { Random } from '../../src/shared/random.ts';

describe('a share', () => {
  it('has the interval of Wilson', () => {
    const { value, low, high } = shareOf(8, 10) ?? { value: 0, low: 0, high: 0 };
    expect([value, low, high].map((one) => Number(one.toFixed(4)))).toEqual([0.8, 0.4902, 0.9433]);
  });

  it('of none is unknown, of all is not certain', () => {
    expect(shareOf(0, 0)).toBeNull();
    expect(shareOf(5, 5)?.low).toBeLessThan(0.6);
  });
});

it('quantiles of the gamma distribution are those of chi-squared tables', () => {
  // Half of chi-squared with 2, 10 and 1 degrees of freedom.
  expect(2 * gammaQuantile(0.975, 1)).toBeCloseTo(7.37776, 4);
  expect(2 * gammaQuantile(0.025, 5)).toBeCloseTo(3.24697, 4);
  expect(2 * gammaQuantile(0.95, 0.5)).toBeCloseTo(3.84146, 4);
});

describe('recall', () => {
  const flagged = [{ threat: 30, harmless: 10, undecided: 0 }];
  const drawn = (weights: number, threats: number, harmless: number, open = 0): DrawnLabel[] => [
    ...Array.from({ length: threats }, () => ({ score: 0.5, weight: weights, isThreat: true })),
    ...Array.from({ length: harmless }, () => ({ score: 0.5, weight: weights, isThreat: false })),
    ...Array.from({ length: open }, () => ({ score: 0.5, weight: weights, isThreat: null })),
  ];

  it('counts what was drawn for what it stands for', () => {
    const { estimate, found, missed } = recallOf(flagged, drawn(10, 1, 9), 0);
    expect([found, missed, estimate?.value]).toEqual([30, 10, 0.75]);
  });

  it('of which nothing that was drawn is decided is unknown, not one', () => {
    expect(recallOf(flagged, drawn(10, 0, 0, 20), 0)).toMatchObject({ estimate: null, missed: null, drawn: 20 });
  });

  it('with no threat among few that were drawn may still be low', () => {
    const { estimate } = recallOf(flagged, drawn(100, 0, 25), 0);
    expect(estimate?.value).toBe(1);
    // No event of 25 that stand for 100 each: up to 369 may have been missed.
    expect(estimate?.low).toBeCloseTo(30 / (30 + 368.888), 3);
  });

  it('spreads those not decided over those decided, and known misses count for themselves', () => {
    expect(recallOf(flagged, drawn(10, 1, 4, 5), 0).missed).toBe(20);
    expect(recallOf(flagged, drawn(10, 1, 9), 5).missed).toBe(15);
    expect(recallOf(flagged, drawn(10, 0, 10), 10).estimate?.high).toBeLessThanOrEqual(0.75);
  });

  it('takes undecided alerts as those of their severity were', () => {
    const levels = [
      { threat: 9, harmless: 1, undecided: 10 },
      { threat: 0, harmless: 10, undecided: 100 },
    ];
    expect(recallOf(levels, drawn(1, 0, 5), 0).found).toBeCloseTo(18, 9);
  });

  it('holds the truth in 95 of 100 samples, and more', () => {
    const random = new Random(3);
    const events = Array.from({ length: 8000 }, (_, index) => {
      const score = Math.min(3.7, -Math.log10(random.share() || 1e-9));
      return { eventId: index + 1, score, isThreat: random.share() < (score > 1 ? 0.2 : 0.01) };
    });
    const missed = events.filter(({ isThreat }) => isThreat).length;
    const truth = 400 / (400 + missed);
    let held = 0;
    for (let seed = 0; seed < 200; seed++) {
      const reservoir = new SampleReservoir<(typeof events)[number]>(seed);
      for (const event of events) reservoir.offer(event.eventId, event.score, () => event);
      const labels = reservoir.finish().map(({ item, weight }) => ({ ...item, weight }));
      const { estimate } = recallOf([{ threat: 400, harmless: 50, undecided: 0 }], labels, 0);
      if (estimate && estimate.low <= truth && truth <= estimate.high) held++;
    }
    expect(held).toBeGreaterThanOrEqual(188);
  });

  it('is without bias, and holds the truth, where only the first of what was drawn are decided as the list asks them', () => {
    const random = new Random(11);
    const events = Array.from({ length: 8000 }, (_, index) => {
      const score = Math.min(3.7, -Math.log10(random.share() || 1e-9));
      return { eventId: index + 1, score, isThreat: random.share() < (score > 1 ? 0.2 : 0.01) };
    });
    const missed = events.filter(({ isThreat }) => isThreat).length;
    const truth = 400 / (400 + missed);
    const rounds = 400;
    let held = 0;
    const estimates: number[] = [];
    for (let seed = 0; seed < rounds; seed++) {
      const reservoir = new SampleReservoir<(typeof events)[number]>(seed);
      for (const event of events) reservoir.offer(event.eventId, event.score, () => event);
      const drawn = reservoir.finish();
      const candidates = drawn.map(({ item }, at) => ({
        ...{ number: 5000 + 7 * at, score: item.score, signature: `${at}`, template: at, isSample: true },
      }));
      const none = { signatures: new Map(), templates: new Map() };
      const order = selectToTeach(candidates, none, {
        ...{ thresholdScore: 4, share: 0.1, labelCount: 0, seed, most: 200 },
      });
      const decided = new Set(order.slice(0, 50).map(({ number }) => number));
      const labels = drawn.map(({ item, weight }, at) => ({
        ...{ score: item.score, weight },
        isThreat: decided.has(5000 + 7 * at) ? item.isThreat : null,
      }));
      const { estimate, missed: found } = recallOf([{ threat: 400, harmless: 50, undecided: 0 }], labels, 0);
      estimates.push(found ?? NaN);
      if (estimate && estimate.low <= truth && truth <= estimate.high) held++;
    }
    const mean = estimates.reduce((sum, one) => sum + one, 0) / rounds;
    const deviation = Math.sqrt(estimates.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (rounds - 1));
    expect(Math.abs(mean - missed)).toBeLessThan((4 * deviation) / Math.sqrt(rounds));
    expect(held / rounds).toBeGreaterThanOrEqual(0.94);
  });
});
