/** @file When it pays to flag: the rule of the cost table, against the two expectations that it comes from. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decisionRewards, flagAbove, stakesOf } from '../../src/shared/decisions.ts';

test('by default above 6/26, one in a little over four', () => {
  expect(stakesOf(decisionRewards)).toEqual({ threat: 20, harmless: 6 });
  expect(flagAbove(decisionRewards)).toBeCloseTo(0.231, 3);
});

test('flagging is worth more than not flagging just where the probability is above it (a rule for another table)', () => {
  const amount = fc.double({ min: 0.1, max: 100, noNaN: true });
  const base = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(base, base, amount, amount, (missed, alarmed, threat, harmless) => {
      const rewards = {
        truePositive: missed + threat,
        falseNegative: missed,
        trueNegative: alarmed + harmless,
        falsePositive: alarmed,
      };
      const limit = flagAbove(rewards);
      const gain = (p: number): number =>
        p * (rewards.truePositive - rewards.falseNegative) + (1 - p) * (rewards.falsePositive - rewards.trueNegative);
      expect(gain(limit + 1e-3)).toBeGreaterThan(0);
      expect(gain(limit - 1e-3)).toBeLessThan(0);
    }),
  );
});
