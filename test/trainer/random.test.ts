/** @file Random numbers and the learning-rate schedule: pure functions that everything repeatable rests on. */
import { expect, test } from 'vitest';
import { createRandom, randomStreams, shuffle } from '../../trainer/train/random.ts';
import { learningRateAt } from '../../trainer/train/schedule.ts';

const counters = Array.from({ length: 20_000 }, (_, i) => i);

function correlation(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + (value - 0.5) * ((b[i] ?? 0) - 0.5), 0) / a.length / (1 / 12);
}

test('uniform numbers fill [0, 1) evenly, and neighbours, streams and seeds are unrelated (a hash that lets its input show)', () => {
  const random = createRandom(1);
  const values = counters.map((i) => random.uniform(1, i));
  const bins = Array<number>(10).fill(0);
  for (const value of values) bins[Math.floor(value * 10)] = (bins[Math.floor(value * 10)] ?? 0) + 1;
  for (const count of bins) expect(Math.abs(count - 2000)).toBeLessThan(220); // five standard deviations
  const others = [
    counters.map((i) => random.uniform(1, i + 1)),
    counters.map((i) => random.uniform(2, i)),
    counters.map((i) => random.uniform(1, i, 1)),
    counters.map((i) => random.uniform(1, 0, i)),
    counters.map((i) => createRandom(2).uniform(1, i)),
    counters.map((i) => createRandom(1 + 2 ** 32).uniform(1, i)),
  ];
  for (const other of others) expect(Math.abs(correlation(values, other))).toBeLessThan(0.036);
});

test('normal numbers have mean 0 and deviation 1', () => {
  const random = createRandom(3);
  const values = counters.map((i) => random.normal(randomStreams.init, i));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.036);
  expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  expect(values.every(Number.isFinite)).toBe(true);
});

test('a shuffle keeps every item and leaves none of them where they were more often than chance (an index off by one)', () => {
  const random = createRandom(4);
  let stayed = 0;
  for (let round = 0; round < 500; round++) {
    const items = Int32Array.from({ length: 10 }, (_, i) => i);
    shuffle(items, random, round);
    expect([...items].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    items.forEach((item, i) => (stayed += Number(item === i)));
  }
  expect(Math.abs(stayed - 500)).toBeLessThan(120);
});

test('the learning rate rises to its peak and falls to a tenth, also in runs of one step (a division by zero)', () => {
  const warmUp = { share: 0.05, mostSteps: 100 };
  const rates = Array.from({ length: 400 }, (_, i) => learningRateAt(i + 1, 400, 2, warmUp));
  expect(Math.max(...rates)).toBe(2);
  expect(rates[0]).toBeCloseTo(0.1, 9);
  expect(rates.at(-1)).toBeCloseTo(0.2, 9);
  const peak = rates.indexOf(2);
  expect(rates.slice(peak)).toEqual(rates.slice(peak).toSorted((a, b) => b - a));
  expect([learningRateAt(1, 1, 2, warmUp), learningRateAt(2, 2, 2, warmUp)].every(Number.isFinite)).toBe(true);
});

test('warm-up is as long as asked, at most (the guide: 500 steps, or a tenth of a shorter run)', () => {
  const warmUp = { share: 0.1, mostSteps: 500 };
  expect(learningRateAt(500, 10_000, 1, warmUp)).toBe(1);
  expect(learningRateAt(499, 10_000, 1, warmUp)).toBeCloseTo(0.998, 9);
  expect(learningRateAt(20, 200, 1, warmUp)).toBe(1);
});

test('a mask drops its share and keeps the mean, and no two steps, sites or places drop alike', () => {
  const random = createRandom(5);
  const mask = (counter: number, site: number): Float32Array => {
    const values = new Float32Array(20_001);
    random.keep(values, 0.25, randomStreams.dropout, counter, site);
    return values;
  };
  const first = mask(1, 0);
  const dropped = first.filter((value) => value === 0).length / first.length;
  expect(Math.abs(dropped - 0.25)).toBeLessThan(0.016); // five standard deviations
  expect(new Set(first)).toEqual(new Set([0, Math.fround(4 / 3)]));
  expect(mask(1, 0)).toEqual(first);
  for (const other of [
    mask(2, 0),
    mask(1, 1),
    Float32Array.from(first.subarray(1)),
    Float32Array.from(first.subarray(2)),
  ]) {
    const both = other.reduce((sum, value, i) => sum + Number(value === 0 && first[i] === 0), 0) / other.length;
    expect(Math.abs(both - 0.0625)).toBeLessThan(0.0086);
  }
});
