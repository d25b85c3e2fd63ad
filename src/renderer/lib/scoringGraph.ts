/** @file The comparison of a model's int8 graph with its float32 graph, in words. */
import type { Quantisation } from '../../shared/models.ts';
import { percent, plural } from './words.ts';

type Figures = NonNullable<Quantisation['figures']>;

export function comparisonText(figures: Figures): string {
  const { timesAsFast, rankCorrelation, alertAgreement, tailAgreement, largestDifferenceNat, events } = figures;
  return [
    `int8 is ${timesAsFast.toFixed(1)} times as fast`,
    `rank correlation ${rounded(rankCorrelation)}`,
    `alerts agree ${percent(alertAgreement)}, the rarest hundredth ${percent(tailAgreement)}`,
    `largest difference ${largestDifferenceNat.toFixed(2)} nat, on ${plural(events, 'held-back event')}`,
  ].join('; ');
}

/** Four places, and never 1 for less than 1. */
function rounded(correlation: number): string {
  return (Math.floor(correlation * 1e4) / 1e4).toFixed(4);
}
