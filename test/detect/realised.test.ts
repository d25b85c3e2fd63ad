/** @file What came of the share that was asked for, and how sure an alert is, against numbers worked by hand. */
import { expect, test } from 'vitest';
import { realisedShare } from '../../src/main/detect/realised.ts';
import { confidenceOf } from '../../src/main/detect/severity.ts';

test('alarms are told in 100,000 beside what was asked, and what an innocent log would have', () => {
  const share = realisedShare({ score: 2, calibrationEvents: 9999, isRule: false }, { over: 30, rows: 1000 });
  expect(share).toMatchObject({ raised: 3000, asked: 1000, over: 30, rows: 1000 });
  // Ten are expected of 1,000: a binomial of mean 10 lies within 4 and 17 in 95 of 100, and the calibration's own error widens it little.
  expect(share.low).toBeGreaterThanOrEqual(3);
  expect(share.high).toBeLessThanOrEqual(18);
  expect(share.text).toMatch(/^30 of 1,000 lie above the threshold, 3,000 in 100,000; asked for were 1,000\./);
});

test('a rule that fewer events can break than surprise by so much promises no least number', () => {
  const share = realisedShare({ score: 1, calibrationEvents: 999, isRule: true }, { over: 0, rows: 1000 });
  expect(share.low).toBe(0);
  expect(share.text).toContain('asked for were at most 10,000');
});

test('a log without a line has no share (0 / 0)', () => {
  expect(realisedShare({ score: 3, calibrationEvents: 99, isRule: false }, { over: 0, rows: 0 }).raised).toBe(0);
});

test('confidence is 1 - p / p at the threshold, and 0 below it', () => {
  expect(confidenceOf(3, 3)).toBe(0);
  expect(confidenceOf(4, 3)).toBeCloseTo(0.9);
  expect(confidenceOf(2, 3)).toBe(0);
  expect(confidenceOf(Infinity, 3)).toBe(1);
});
