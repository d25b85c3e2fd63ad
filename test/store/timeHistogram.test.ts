/** @file The histogram of a list. Catches an alert that is in no bin and in no count, and a stray stamp that presses all others into one bar. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { histogramOf } from '../../src/main/store/timeHistogram.ts';
import type { SeverityLevel } from '../../src/shared/alerts.ts';

const hourMs = 3_600_000;
const day = Date.UTC(2026, 8, 7);
const untimed = -Number.MAX_SAFE_INTEGER;
const of = (ats: readonly number[]) =>
  histogramOf(
    ats,
    ats.map((): SeverityLevel => 3),
  );
const drawn = (found: ReturnType<typeof of>): number =>
  found.histogram?.bins.flat().reduce((sum, each) => sum + each, 0) ?? 0;

it('leaves out the few stamps that are far outside, on both sides, and counts them', () => {
  const usual = Array.from({ length: 40 }, (_, index) => day + index * hourMs);
  const found = of([...usual, Date.UTC(2038, 0, 19), Date.UTC(2099, 0, 1), 0, untimed]);
  expect([found.histogram?.earlier, found.histogram?.later, found.withoutTime, drawn(found)]).toEqual([1, 2, 1, 40]);
  expect(found.histogram?.widthMs).toBe(hourMs / 3);
});

it('keeps what is many, and what is not far', () => {
  const burst = Array.from({ length: 50 }, (_, index) => day + index * 1000);
  const later = Array.from({ length: 10 }, (_, index) => day + 300 * 24 * hourMs + index * 1000);
  expect(of([...burst, ...later]).histogram).toMatchObject({ earlier: 0, later: 0 });
  expect(of([day, day + 24 * hourMs]).histogram).toMatchObject({ earlier: 0, later: 0 });
  expect(of([untimed]).histogram).toBeNull();
});

it('counts every alert once', () => {
  const at = fc.oneof(
    fc.integer({ min: day, max: day + 100 * hourMs }),
    fc.integer({ min: -1e12, max: 1e13 }),
    fc.constant(untimed),
  );
  fc.assert(
    fc.property(fc.array(at, { minLength: 1, maxLength: 60 }), (ats) => {
      const found = of(ats);
      const { earlier, later, bins } = found.histogram ?? { earlier: 0, later: 0, bins: [] };
      expect(drawn(found) + earlier + later + found.withoutTime).toBe(ats.length);
      expect(bins.length).toBeLessThanOrEqual(120);
    }),
  );
});
