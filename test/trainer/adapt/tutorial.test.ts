/** @file The guide's rule for the threshold, mended. Catches the ratchet: history counted again, misses that nobody can see, no bounds. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { tutorialThreshold, type TutorialLabel } from '../../../trainer/adapt/tutorial.ts';

const of = { budgetScore: 3, calibrationRows: 9999 };
const falseAlarm = (score = 12): TutorialLabel => ({ score, isThreat: false, samplingWeight: 1 });
const miss = (samplingWeight = 1): TutorialLabel => ({ score: 0.1, isThreat: true, samplingWeight });
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

test('never leaves the calibration: its median below, a tail of ten times as many rows above', () => {
  const label = fc.record({
    score: fc.double({ min: 0, max: 20, noNaN: true }),
    isThreat: fc.boolean(),
    samplingWeight: fc.constantFrom(1, 40),
  });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 600 }), (labels) => {
      const score = tutorialThreshold(labels, of);
      expect(score).toBeGreaterThanOrEqual(Math.log10(2));
      expect(score).toBeLessThanOrEqual(5 + 1e-9);
    }),
  );
  expect(tutorialThreshold(times(2000, falseAlarm(100)), of)).toBeCloseTo(5, 9);
});
