/** @file The slope that a soak reports. Catches a leak hidden by a warm-up, or one made up by a few peaks. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { slopePerHour, type Sample } from './slope.ts';

const everyMs = 5000;
const count = 720;
const samples = (value: (index: number) => number): Sample[] =>
  Array.from({ length: count }, (_, index) => ({ atMs: 1e12 + index * everyMs, value: value(index) }));

test('a steady leak is found whatever a fifth of the samples does', () => {
  const leak = fc.double({ min: -50, max: 50, noNaN: true });
  const odd = fc.record({ at: fc.nat({ max: count - 1 }), height: fc.double({ min: -5000, max: 5000, noNaN: true }) });
  fc.assert(
    fc.property(leak, fc.array(odd, { maxLength: count / 10 }), (leakPerHour, peaks) => {
      const made = samples((index) => 300 + (leakPerHour * index * everyMs) / 3_600_000);
      for (const { at, height } of peaks) (made[at] as Sample).value += height;
      expect(slopePerHour(made)).toBeCloseTo(leakPerHour, 3);
    }),
    { numRuns: 30 },
  );
});

test('the warm-up of the first half does not count', () => {
  expect(slopePerHour(samples((index) => (index < 300 ? index : 300)))).toBe(0);
});

test('of too few samples nothing is said', () => {
  expect(slopePerHour([])).toBeNull();
  expect(slopePerHour(samples(() => 1).slice(0, 3))).toBeNull();
});
