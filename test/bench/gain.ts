/**
 * @file What a change gains in average precision, with its interval: a paired bootstrap, the same units drawn again for before and after, threats
 * and harmless ones apart, so that what both have in common does not widen it (Koehn 2004, "Statistical significance tests for machine translation
 * evaluation"; Efron and Tibshirani 1993).
 */
import { Random } from '../../src/shared/random.ts';
import { intervalOf, type Interval } from './detect/bootstrap.ts';
import { averagePrecision } from './detect/statistics.ts';

/** `unit`: what is drawn. Rows that share one, as alerts of one signature may, are drawn together. */
export type Paired = { unit: string | number; isThreat: boolean; before: number; after: number };

const resamples = 400;

/** After less before, in the middle 95 % of draws. NaN where one of the classes is missing. */
export function gainOf(rows: readonly Paired[]): Interval {
  const random = new Random(1);
  const units = [...Map.groupBy(rows, ({ unit }) => unit).values()];
  const hasThreat = (unit: readonly Paired[]): boolean => unit.some(({ isThreat }) => isThreat);
  const classes = [true, false].map((wanted) => units.filter((unit) => hasThreat(unit) === wanted));
  if (classes.some((own) => own.length === 0)) return { low: NaN, high: NaN };
  return intervalOf(
    Array.from({ length: resamples }, () => {
      const drawn = classes.flatMap((own) => own.flatMap(() => random.pick(own)));
      return rankedBy(drawn, 'after') - rankedBy(drawn, 'before');
    }),
  );
}

export function rankedBy(rows: readonly Paired[], when: 'before' | 'after'): number {
  return averagePrecision(rows.map(({ isThreat, ...scores }) => ({ isThreat, score: scores[when] })));
}
