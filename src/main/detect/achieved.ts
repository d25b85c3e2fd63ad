/** @file How many false alarms a threshold raises in truth, as far as the calibration can tell, and what calibration would tell it. */
import { betaBinomialQuantile, betaQuantile } from './beta.ts';

export const confidence = 0.95;

export type AchievedRate = {
  /** Share of normal rows that alert. */
  expected: number;
  /** In which it lies with `confidence`, for rows that come as those of the calibration did. */
  low: number;
  high: number;
  calibrationRows: number;
  /** Rows of calibration from which on the threshold is measured; with fewer it rests on a fitted tail. */
  needed: number;
  isMeasured: boolean;
};

/**
 * Of a threshold at -log10 p `score`. The share of new rows above the k-th largest of n calibration scores is distributed as Beta(k, n + 1 - k)
 * (Vovk, 2012). Below the largest score nothing is measured: the share is then only known to be hardly larger than one in n.
 */
export function achievedRate(score: number, calibrationRows: number): AchievedRate {
  const expected = 10 ** -score;
  const above = expected * (calibrationRows + 1);
  const isMeasured = above >= 1 - 1e-9;
  const [k, rest] = [Math.max(1, above), Math.max(1e-9, calibrationRows + 1 - Math.max(1, above))];
  return {
    expected,
    low: isMeasured ? betaQuantile((1 - confidence) / 2, k, rest) : 0,
    high: betaQuantile((1 + confidence) / 2, k, rest),
    calibrationRows,
    needed: Math.ceil(10 ** score - 1 - 1e-9),
    isMeasured,
  };
}

/** Alarms among `rows` normal rows between which there will be, with `confidence`: the rate itself is not known, and of few rows not all have it. */
export function alarmsExpected(score: number, calibrationRows: number, rows: number): { low: number; high: number } {
  const k = Math.max(1, 10 ** -score * (calibrationRows + 1));
  const rest = Math.max(1e-9, calibrationRows + 1 - k);
  return {
    low: betaBinomialQuantile((1 - confidence) / 2, rows, k, rest),
    high: betaBinomialQuantile((1 + confidence) / 2, rows, k, rest),
  };
}
