/** The settings of learning: bugs here would let a table of costs through under which flagging everything, or nothing, is best. */
import { expect, test } from 'vitest';
import { flagAbove } from '../../src/shared/decisions.ts';
import { defaultLearning } from '../../src/shared/learning.ts';
import { learningOf, learningSettings } from '../../src/shared/learningSchema.ts';

test('The defaults are settings, and their costs say: flag above 23 %', () => {
  expect(learningSettings.parse(defaultLearning)).toEqual(defaultLearning);
  expect(Math.round(100 * flagAbove(defaultLearning.rewards))).toBe(23);
});

test('Nothing kept gives the defaults; what was kept by an earlier version is completed; what makes no sense is not used', () => {
  expect(learningOf(null)).toEqual(defaultLearning);
  expect(learningOf({ retrainRule: 'off' })).toEqual({ ...defaultLearning, retrainRule: 'off' });
  expect(learningOf('nonsense')).toEqual(defaultLearning);
});

test.each([
  ['a missed threat worth as much as a found one', { truePositive: 1, falseNegative: 1 }],
  ['a false alarm worth more than silence', { falsePositive: 2 }],
])('Costs under which no threshold makes sense are refused: %s', (_name, wrong) => {
  const rewards = { ...defaultLearning.rewards, ...wrong };
  expect(learningSettings.safeParse({ ...defaultLearning, rewards }).success).toBe(false);
});

test('Exploration cannot have a floor above where it starts', () => {
  const exploration = { share: 0.1, decay: 0.95, floor: 0.2 };
  expect(learningSettings.safeParse({ ...defaultLearning, exploration }).success).toBe(false);
});
