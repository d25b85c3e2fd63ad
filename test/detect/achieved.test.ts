import { describe, expect, it } from 'vitest';
import { achievedRate, alarmsExpected } from '../../src/main/detect/achieved.ts';
import { betaBinomialQuantile, betaQuantile } from '../../src/main/detect/beta.ts';

const reference: Record<string, number> = { '0.025 1000': 3, '0.975 1000': 20, '0.5 20': 10, '0.975 100000': 34 };

describe('the achieved rate of false alarms', () => {
  it.each([
    [0.025, 10, 991, 0.004805510691049308],
    [0.975, 10, 991, 0.017015783069894586],
    [0.975, 1, 1000, 0.003682083896865671],
    [0.025, 20.5, 99980.5, 0.00012607693845118753],
    [0.975, 500, 501, 0.5304537166614578],
    [0.5, 0.5, 0.5, 0.5],
    [0.025, 2, 9999, 2.422184564042985e-5],
  ])('has the quantiles of scipy 1.17: %d of Beta(%d, %d)', (probability, a, b, expected) => {
    expect(betaQuantile(probability, a, b) / expected).toBeCloseTo(1, 8);
  });

  it.each([
    [0.025, 1000, 10, 991],
    [0.975, 1000, 10, 991],
    [0.5, 20, 0.5, 0.5],
    [0.975, 100_000, 20, 99_981],
  ])('has the beta-binomial quantiles of scipy: %d of %d trials, Beta(%d, %d)', (probability, trials, a, b) => {
    expect(betaBinomialQuantile(probability, trials, a, b)).toBe(reference[`${probability} ${trials}`]);
  });

  it('leaves room for chance among the rows that are judged (a bench of 1,000 would call an exact rate wrong)', () => {
    const { low, high } = alarmsExpected(2, 1000, 1000);
    expect(low).toBeLessThan(4.8);
    expect(high).toBeGreaterThan(17.1);
  });

  it('is an interval around the rate that was asked for, which more calibration makes narrower', () => {
    const few = achievedRate(2, 1000);
    const many = achievedRate(2, 10_000);
    expect(few).toMatchObject({ expected: 0.01, isMeasured: true, needed: 99 });
    expect(few.low).toBeCloseTo(0.0048, 4);
    expect(few.high).toBeCloseTo(0.017, 3);
    expect(many.low).toBeGreaterThan(few.low);
    expect(many.high).toBeLessThan(few.high);
  });

  it('says where nothing is measured, what is known all the same, and what calibration would measure it', () => {
    expect(achievedRate(4, 999)).toMatchObject({ isMeasured: false, low: 0, needed: 9999 });
    expect(achievedRate(4, 999).high).toBeCloseTo(0.00369, 5);
    expect(achievedRate(4, 9999).isMeasured).toBe(true);
    expect(achievedRate(4, 0)).toMatchObject({ isMeasured: false, low: 0 });
    expect(achievedRate(4, 0).high).toBeGreaterThan(0.9);
  });
});
