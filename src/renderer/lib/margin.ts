/** @file On which scale the margin is drawn: the model's bits where it is what speaks; else −log₁₀ p, as its bits say nothing of how rare the alert is. */
import type { AlertDetail } from '../../shared/alerts.ts';

/** Room behind what stands furthest out. */
const roomBehind = 1.06;

export type MarginScale = {
  isInBits: boolean;
  /** Where the alert and the threshold stand, and where the scale ends. */
  at: number;
  from: number;
  full: number;
};

export function marginScale({ row, margin }: Pick<AlertDetail, 'row' | 'margin'>): MarginScale {
  const { score, threshold, bits, thresholdBits, histogram } = margin;
  const isInBits = thresholdBits > 0 && row.detector === 'key' && bits >= thresholdBits === score >= threshold;
  const [at, from] = isInBits ? [bits, thresholdBits] : [score, threshold];
  const seen = isInBits ? histogram.counts.length * histogram.binBits : 0;
  return { isInBits, at, from, full: Math.max(seen, at, from) * roomBehind || 1 };
}
