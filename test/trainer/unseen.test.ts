/** @file Which events become `unseen` in training. */
import { expect, test } from 'vitest';
import { keyTokens, packSequences } from '../../src/shared/sequences.ts';
import { cutPieces } from '../../trainer/train/pieces.ts';
import { unseenProbabilities } from '../../trainer/train/unseen.ts';

const V = 10;
/** 90 events of id 4, 9 of id 5, one of id 6, in 20 sessions. */
const pieces = cutPieces(
  packSequences([
    ...Array.from({ length: 9 }, () => [keyTokens.begin, ...Array<number>(10).fill(4), 5, keyTokens.end]),
    [keyTokens.begin, 6, keyTokens.end],
  ]),
  20,
  V,
);

test('the asked share of events is replaced on average (counts of equal sessions forgotten)', () => {
  const probabilities = unseenProbabilities(pieces, V, 0.03);
  const replaced = (probabilities[4] ?? 0) * 90 + (probabilities[5] ?? 0) * 9 + (probabilities[6] ?? 0);
  expect(replaced).toBeCloseTo(3, 9);
});

test('rare ids give up a larger share than frequent ones, but none more than half (a rare id never learnt as itself)', () => {
  const [four = 0, five = 0, six = 0] = unseenProbabilities(pieces, V, 0.03).slice(4, 7);
  expect(six).toBe(0.5);
  expect(five).toBeGreaterThan(four);
  expect(Math.max(...unseenProbabilities(pieces, V, 0.5))).toBeLessThanOrEqual(0.5);
});

test('begin, end and unseen itself are never replaced (a session without an end)', () => {
  const probabilities = unseenProbabilities(pieces, V, 0.5);
  expect(probabilities.slice(0, keyTokens.firstEventId)).toEqual(Float64Array.of(0, 0, 0, 0));
});

test('a rate of zero replaces nothing', () => {
  expect(unseenProbabilities(pieces, V, 0).every((value) => value === 0)).toBe(true);
});
