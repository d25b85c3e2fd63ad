/** @file The guide's rule for the threshold, mended. Catches the ratchet: history counted again, misses that nobody can see, no bounds. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { tutorialThreshold, type TutorialLabel } from '../../../trainer/adapt/tutorial.ts';

const of = { budgetScore: 3, calibrationRows: 9999 };
const falseAlarm = (score = 12): TutorialLabel => ({ score, isThreat: false, samplingWeight: 1 });
const miss = (samplingWeight = 1): TutorialLabel => ({ score: 2.1, isThreat: true, samplingWeight });
const times = (count: number, label: TutorialLabel): TutorialLabel[] => Array.from({ length: count }, () => label);

test('waits for twenty verdicts, and for twenty more after each change (history counted again ratchets)', () => {
  expect(tutorialThreshold(times(19, falseAlarm()), of)).toBe(3);
  expect(tutorialThreshold(times(20, falseAlarm()), of)).toBeCloseTo(3.3, 12);
  expect(tutorialThreshold(times(39, falseAlarm()), of)).toBeCloseTo(3.3, 12);
  expect(tutorialThreshold(times(40, falseAlarm()), of)).toBeCloseTo(3.63, 12);
});

test('a few misses in a random sample stand for many, and lower it', () => {
  const labels = [...times(17, falseAlarm()), ...times(3, miss(50))];
  expect(tutorialThreshold(labels, of)).toBeCloseTo(2.7, 12);
  expect(tutorialThreshold([...times(14, falseAlarm()), ...times(6, miss())], of)).toBeCloseTo(3.3, 12);
});

test('false alarms that are twice the misses and no more leave it where it is', () => {
  expect(tutorialThreshold([...times(14, falseAlarm()), ...times(7, miss())].slice(0, 20), of)).toBeCloseTo(3.3, 12);
  expect(tutorialThreshold([...times(7, miss()), ...times(13, falseAlarm())], of)).toBe(3);
});

test('a sample that alerts by now stands for as many false alarms as it would have for misses', () => {
  const sampled = { score: 4, isThreat: false, samplingWeight: 50 };
  expect(tutorialThreshold([...times(18, miss()), sampled, sampled], of)).toBeCloseTo(3.3, 12);
});

test('misses that no threshold would find lower nothing, however many they stand for', () => {
  const blind = { score: 0.1, isThreat: true, samplingWeight: 5000 };
  expect(tutorialThreshold(times(400, blind), of)).toBe(3);
});

test('stays within ten times the budget, the median of the calibration, and a tail of ten times its rows', () => {
  const label = fc.record({
    score: fc.double({ min: 0, max: 20, noNaN: true }),
    isThreat: fc.boolean(),
    samplingWeight: fc.constantFrom(1, 40),
  });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 600 }), (labels) => {
      const score = tutorialThreshold(labels, of);
      expect(score).toBeGreaterThanOrEqual(2);
      expect(score).toBeLessThanOrEqual(5 + 1e-9);
    }),
  );
  expect(tutorialThreshold(times(2000, falseAlarm(100)), of)).toBeCloseTo(5, 9);
  expect(tutorialThreshold(times(2000, { ...miss(100), score: 2 }), of)).toBe(2);
  const low = { ...of, budgetScore: 0.5 };
  expect(tutorialThreshold(times(2000, { ...miss(), score: 0.4 }), low)).toBeLessThan(0.5);
  expect(tutorialThreshold(times(2000, { ...miss(), score: 0.31 }), low)).toBeGreaterThanOrEqual(Math.log10(2));
});

test('a budget beyond what calibration resolves, or below its median, moves for no bound (false alarms lowered it, to ten times as many alerts)', () => {
  const rare = { budgetScore: 6, calibrationRows: 999 };
  expect(tutorialThreshold(times(400, falseAlarm()), rare)).toBe(6);
  expect(tutorialThreshold(times(20, { ...miss(), score: 5.5 }), rare)).toBeCloseTo(5.4, 12);
  const often = { ...of, budgetScore: 0.2 };
  expect(tutorialThreshold(times(400, { ...miss(), score: 0.1 }), often)).toBe(0.2);
});
