/** @file The threshold that verdicts lead to: what must hold for every set of verdicts. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { reachOfVerdicts } from '../../../src/main/detect/budget.ts';
import { decisionRewards } from '../../../src/shared/decisions.ts';
import { fitThreshold, type LabelledScore } from '../../../trainer/adapt/threshold.ts';

const score = fc.double({ min: 0, max: 12, noNaN: true });
const label = fc.record({ score, isThreat: fc.boolean() });
const setting = {
  labelled: fc.array(label, { maxLength: 60 }),
  budgetScore: score,
  maxShift: fc.double({ min: 0, max: 3, noNaN: true }),
};
const rounding = 1e-9;

function threshold(labelled: LabelledScore[], budgetScore: number, maxShift: number): number {
  return fitThreshold({ labelled, budgetScore, maxShift, rewards: decisionRewards });
}

test('without verdicts the alert budget decides, to the last bit', () => {
  fc.assert(
    fc.property(score, (budgetScore) => {
      expect(threshold([], budgetScore, 1)).toBe(budgetScore);
    }),
  );
});

test('verdicts never move it further than they may', () => {
  fc.assert(
    fc.property(fc.record(setting), ({ labelled, budgetScore, maxShift }) => {
      expect(Math.abs(threshold(labelled, budgetScore, maxShift) - budgetScore)).toBeLessThanOrEqual(
        maxShift + rounding,
      );
    }),
  );
});

test('another false positive never lowers it (a fitted slope tilts, and does)', () => {
  fc.assert(
    fc.property(fc.record(setting), score, ({ labelled, budgetScore, maxShift }, extra) => {
      const before = threshold(labelled, budgetScore, maxShift);
      const after = threshold([...labelled, { score: extra, isThreat: false }], budgetScore, maxShift);
      expect(after).toBeGreaterThanOrEqual(before - rounding);
    }),
  );
});

test('another threat never raises it', () => {
  fc.assert(
    fc.property(fc.record(setting), score, ({ labelled, budgetScore, maxShift }, extra) => {
      const before = threshold(labelled, budgetScore, maxShift);
      const after = threshold([...labelled, { score: extra, isThreat: true }], budgetScore, maxShift);
      expect(after).toBeLessThanOrEqual(before + rounding);
    }),
  );
});

test('a confirmed threat would be found again, as far as the limit allows', () => {
  fc.assert(
    fc.property(fc.record(setting), ({ labelled, budgetScore, maxShift }) => {
      const lowestThreat = Math.min(...labelled.filter(({ isThreat }) => isThreat).map((item) => item.score));
      const result = threshold(labelled, budgetScore, maxShift);
      expect(result).toBeLessThanOrEqual(Math.max(lowestThreat, budgetScore - maxShift) + rounding);
    }),
  );
});

test('the order of the verdicts does not matter', () => {
  fc.assert(
    fc.property(fc.record(setting), ({ labelled, budgetScore, maxShift }) => {
      expect(threshold(labelled.toReversed(), budgetScore, maxShift)).toBeCloseTo(
        threshold(labelled, budgetScore, maxShift),
        9,
      );
    }),
  );
});

test('ten false positives just above the budget raise it by a third of a decade or so, one hardly (prior too weak, or deaf)', () => {
  const falsePositives = (count: number): LabelledScore[] =>
    Array.from({ length: count }, () => ({ score: 3.1, isThreat: false }));
  const one = threshold(falsePositives(1), 3, 2) - 3;
  const ten = threshold(falsePositives(10), 3, 2) - 3;
  expect(one).toBeGreaterThan(0.02);
  expect(one).toBeLessThan(0.1);
  expect(ten).toBeGreaterThan(0.2);
  expect(ten).toBeLessThan(0.6);
});

test('scores that are not numbers are refused (a NaN would silence every alert)', () => {
  const bad = [
    { labelled: [{ score: NaN, isThreat: true }], budgetScore: 3, maxShift: 1 },
    { labelled: [{ score: Infinity, isThreat: false }], budgetScore: 3, maxShift: 1 },
    { labelled: [], budgetScore: NaN, maxShift: 1 },
    { labelled: [], budgetScore: 3, maxShift: NaN },
  ];
  for (const input of bad)
    expect(() => fitThreshold({ ...input, rewards: decisionRewards })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    );
});

test('within what so many verdicts may move it, costs decide which way it goes where attacks and false alarms lie close (a table for show)', () => {
  const labelled = [
    ...Array.from({ length: 3 }, () => ({ score: 3.06, isThreat: true })),
    ...Array.from({ length: 10 }, () => ({ score: 3.1, isThreat: false })),
  ];
  const maxShift = reachOfVerdicts(labelled.length);
  const at = (falsePositive: number): number =>
    fitThreshold({ labelled, budgetScore: 3, maxShift, rewards: { ...decisionRewards, falsePositive } });
  expect(at(-50)).toBeGreaterThan(3);
  expect(at(-1)).toBeLessThan(3);
  expect(at(-5)).toBeLessThan(at(-50));
  expect(at(-5)).toBeGreaterThan(at(-1));
});

test('false alarms alone raise it as far as so many may, whatever the costs, as the sentence beside the table has it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 3.4, max: 12, noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.double({ min: -900, max: 0.5, noNaN: true }),
      (scores, falsePositive) => {
        const maxShift = reachOfVerdicts(scores.length);
        const labelled = scores.map((one) => ({ score: one, isThreat: false }));
        const rewards = { ...decisionRewards, falsePositive };
        expect(fitThreshold({ labelled, budgetScore: 3, maxShift, rewards })).toBeCloseTo(3 + maxShift, 6);
      },
    ),
  );
});

test('costs that dread false alarms raise it further (the table of costs was not used)', () => {
  const labelled = Array.from({ length: 10 }, () => ({ score: 3.1, isThreat: false }));
  const at = (falsePositive: number): number =>
    fitThreshold({ labelled, budgetScore: 3, maxShift: 2, rewards: { ...decisionRewards, falsePositive } });
  expect(at(-50)).toBeGreaterThan(at(-5));
});
