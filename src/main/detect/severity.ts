/** @file How severe an alert is, and how sure: how far its -log10 p lies beyond the threshold that the alert budget gave. */
import type { SeverityLevel } from '../../shared/alerts.ts';

/** Steps in -log10 p over the threshold: ten times rarer is a level, roughly. */
const steps = [0.5, 1.25, 2.25, 4] as const;

/**
 * What is at least this severe folds once so many verdicts would fold it, as one may be wrong. On three made-up offices (`bench feedback lab`, 200
 * verdicts by severity) one wrong label in ten then hides 1.6 % of the attacks; where one verdict folds all, 4.3 %.
 */
export const severeFrom = 3;
export const leastAgreeing = 2;
/** Of what an analyst confirmed for an attack, however rare it was. */
export const confirmedSeverity: SeverityLevel = 4;

export function severityOf(score: number, thresholdScore: number): SeverityLevel {
  const over = score - thresholdScore;
  const passed = steps.filter((step) => over >= step).length;
  return (passed + 1) as SeverityLevel;
}

/** The least score that is so severe. */
export function leastScoreOf(level: SeverityLevel, thresholdScore: number): number {
  return thresholdScore + (steps[level - 2] ?? 0);
}

/**
 * Of an alert by its p-value: 1 - p / alpha, alpha being the p-value at the threshold; 0 below it. Of the false alarms that the threshold lets
 * through, it is the share that surprises less: 0 on the threshold, 0.9 ten times rarer.
 */
export function confidenceOf(score: number, thresholdScore: number): number {
  return Math.max(0, 1 - 10 ** (thresholdScore - score));
}
