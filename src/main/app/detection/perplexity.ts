/** @file Perplexity as the guide has it: what of a stretch of events is usual. */

/** The share of held-back events whose stretch has less. */
const usualShare = 0.95;

/** Of held-back events; Infinity where there are none, so that nothing lies beyond it. */
export function usualPerplexityOf(perplexities: Float64Array): number {
  const sorted = Float64Array.from(perplexities).filter(Number.isFinite).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(usualShare * sorted.length))] ?? Infinity;
}
