/** @file Sampling: weights that do not fit the chances (recall would be off for good), and draws that depend on anything but the event. */
import { describe, expect, it } from 'vitest';
import {
  drawnPerStratum,
  permanentNumber,
  SampleRate,
  SampleReservoir,
  stratumOf,
} from '../../src/main/detect/sampling.ts';
import { Random } from '../../src/shared/random.ts';

/** Events with p-values spread evenly, of which some are threats, likelier the higher they score. */
function madeEvents(count: number): { eventId: number; score: number; isThreat: boolean }[] {
  const random = new Random(5);
  return Array.from({ length: count }, (_, index) => {
    const score = Math.min(3.7, -Math.log10(random.share() || 1e-9));
    return { eventId: 1 + index, score, isThreat: random.share() < [0.002, 0.01, 0.1, 0.4][stratumOf(score)]! };
  });
}

const estimateOf = (drawn: readonly { item: { isThreat: boolean }; weight: number }[]): number =>
  drawn.reduce((sum, { item, weight }) => sum + (item.isThreat ? weight : 0), 0);

describe('a log judged as a whole', () => {
  const events = madeEvents(20_000);
  const threats = events.filter(({ isThreat }) => isThreat).length;
  const draw = (seed: number) => {
    const reservoir = new SampleReservoir<(typeof events)[number]>(seed);
    for (const event of events) reservoir.offer(event.eventId, event.score, () => event);
    return reservoir.finish();
  };

  it('estimates what was missed without bias, over many draws', () => {
    const rounds = 400;
    const estimates = Array.from({ length: rounds }, (_, seed) => estimateOf(draw(seed)));
    const mean = estimates.reduce((sum, one) => sum + one, 0) / rounds;
    const deviation = Math.sqrt(estimates.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (rounds - 1));
    // Four standard errors of the mean: a bias beyond chance.
    expect(Math.abs(mean - threats)).toBeLessThan((4 * deviation) / Math.sqrt(rounds));
    // A weight that forgot a stratum would be off by more than a tenth.
    expect(Math.abs(mean - threats) / threats).toBeLessThan(0.1);
  });

  it('stands for every event, whatever is drawn, and for no more than a bounded number', () => {
    const drawn = draw(3);
    expect(drawn.length).toBeLessThanOrEqual(4 * drawnPerStratum);
    expect(drawn.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(events.length, 6);
  });

  it('does not depend on the order of events, and keeps most of its events when scores move a little', () => {
    const ids = (list: typeof events) => {
      const reservoir = new SampleReservoir<number>(9);
      for (const { eventId, score } of list) reservoir.offer(eventId, score, () => eventId);
      return new Set(reservoir.finish().map(({ item }) => item));
    };
    const before = ids(events);
    expect(ids([...events].reverse())).toEqual(before);
    const moved = ids(events.map((event) => ({ ...event, score: event.score * 1.02 })));
    expect([...moved].filter((id) => before.has(id)).length).toBeGreaterThan(0.8 * before.size);
  });

  it('takes all of a stratum that is small, each for itself', () => {
    const reservoir = new SampleReservoir<number>(1);
    for (const id of [1, 2, 3]) reservoir.offer(id, 3.5, () => id);
    expect(reservoir.finish().map(({ weight }) => weight)).toEqual([1, 1, 1]);
  });
});

describe('a log that grows', () => {
  it('estimates without bias although its chances fall as it goes', () => {
    const events = madeEvents(60_000);
    const threats = events.filter(({ isThreat }) => isThreat).length;
    const rounds = 200;
    let drawnInAll = 0;
    const estimates = Array.from({ length: rounds }, (_, seed) => {
      const rate = new SampleRate(seed);
      rate.begin(0);
      let sum = 0;
      for (let from = 0; from < events.length; from += 500) {
        const part = events.slice(from, from + 500);
        const { taken, kept } = rate.take(part.filter(({ eventId, score }) => rate.draws(eventId, score)));
        sum += estimateOf(taken);
        kept();
        drawnInAll += taken.length;
      }
      return sum;
    });
    const mean = estimates.reduce((sum, one) => sum + one, 0) / rounds;
    const deviation = Math.sqrt(estimates.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (rounds - 1));
    expect(Math.abs(mean - threats)).toBeLessThan((4 * deviation) / Math.sqrt(rounds));
    expect(drawnInAll / rounds).toBeLessThan(250);
  });

  it('says the same of an event until what was drawn is kept, and begins anew with the day', () => {
    const rate = new SampleRate(4);
    const events = Array.from({ length: 2000 }, (_, index) => ({ eventId: index + 1, score: 3.5 }));
    const drawn = () => events.filter(({ eventId, score }) => rate.draws(eventId, score));
    rate.begin(0);
    const first = drawn();
    expect(first.length).toBeGreaterThan(700);
    const { taken, kept } = rate.take(first);
    // So many at once are cut, and stand for the others.
    expect(taken).toHaveLength(32);
    expect(taken.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(2.5 * first.length, 6);
    expect(drawn()).toEqual(first);
    kept();
    rate.begin(1000);
    expect(drawn().length).toBeLessThan(20);
    rate.begin(86_400_000);
    expect(drawn()).toEqual(first);
  });
});

it('spreads permanent numbers evenly, also of ids in a row and beyond 32 bits', () => {
  for (const start of [1, 2 ** 32 + 1]) {
    const bins = new Float64Array(20);
    for (let id = start; id < start + 20_000; id++) {
      const bin = Math.floor(20 * permanentNumber(7, id));
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    // Chi-squared with 19 degrees of freedom: 43.8 is exceeded once in a thousand.
    expect(bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(43.8);
  }
});
