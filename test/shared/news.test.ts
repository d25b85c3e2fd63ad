/** @file How often news is expected, and how often it is taught. */
import { expect, test } from 'vitest';
import { newsShare, taughtNewsShare } from '../../src/shared/news.ts';

// Bug: in a log whose kinds are all well known, `unseen` is taught in every hundredth event, and a new kind of line hardly surprises.
test('news is expected as often as there are kinds that came once, and never is impossible', () => {
  expect(newsShare([50, 47, 1, 1])).toBeCloseTo(3 / 100, 12);
  expect(newsShare([5000, 4999])).toBe(1e-4);
  expect(newsShare([])).toBe(1);
});

test('it is taught within what a model can learn', () => {
  expect(taughtNewsShare([999, 900, 100])).toBeCloseTo(1 / 2000, 12);
  expect(taughtNewsShare([1e6, 1e6])).toBe(1e-4);
  expect(taughtNewsShare([10, 1, 1, 1])).toBe(0.01);
});
