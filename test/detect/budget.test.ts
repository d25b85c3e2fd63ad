import { describe, expect, it } from 'vitest';
import { coveredMs, reachOfVerdicts, spreadBudget, thresholdMeaning } from '../../src/main/detect/budget.ts';

const dayMs = 86_400_000;

describe('alert budget', () => {
  it('spreads a daily budget over the lines of a day', () => {
    const spread = spreadBudget({ alerts: 20, per: 'day' }, 400_000, 2 * dayMs);
    expect(spread).toEqual({
      budget: { alerts: 20, per: 'day' },
      eventsPerPeriod: 200_000,
      score: -Math.log10(20 / 200_000),
    });
  });

  it('counts per 100,000 lines when the log is shorter than a day, where a rate per day would be a guess', () => {
    expect(spreadBudget({ alerts: 20, per: 'day' }, 5000, dayMs / 2).budget.per).toBe('100k');
    expect(spreadBudget({ alerts: 20, per: 'day' }, 5000, null).eventsPerPeriod).toBe(100_000);
  });

  it('does not spend the budget of a quiet log on every third line', () => {
    const spread = spreadBudget({ alerts: 20, per: 'day' }, 60, dayMs);
    expect(spread.score).toBeCloseTo(2);
    expect(thresholdMeaning(spread, spread.score, 1000)).toContain('The log is quiet');
  });

  it('says what calibration would be needed when there is less', () => {
    const spread = spreadBudget({ alerts: 20, per: '100k' }, 5000, null);
    expect(thresholdMeaning(spread, spread.score, 1000)).toContain('4,999 would measure it');
    expect(thresholdMeaning(spread, spread.score, 6000)).not.toContain('fitted tail');
    expect(thresholdMeaning(spread, spread.score, 10_000)).toContain('with 95 % confidence it is 2.4 to 56.');
  });

  it('counts the time of parallel logs once (two logs of the same day would double the alerts)', () => {
    const day = { from: 0, to: dayMs };
    expect(coveredMs([day, day])).toBe(dayMs);
    expect(coveredMs([{ from: dayMs / 2, to: 2 * dayMs }, day, { from: 3 * dayMs, to: 4 * dayMs }])).toBe(3 * dayMs);
    expect(coveredMs([])).toBeNull();
  });
});

it('a handful of verdicts moves the threshold little, and no number of them beyond a factor of two (three took a third of the queue away)', () => {
  expect(10 ** reachOfVerdicts(3)).toBeLessThan(1.1);
  expect(10 ** reachOfVerdicts(20)).toBeCloseTo(Math.SQRT2);
  expect(10 ** reachOfVerdicts(1_000_000)).toBeLessThanOrEqual(2);
  expect(reachOfVerdicts(0)).toBe(0);
});
