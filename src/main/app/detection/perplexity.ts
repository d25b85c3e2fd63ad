/** @file Perplexity as the guide has it: how far that of a stretch lies beyond what is usual. */

/** The share of held-back events whose stretch has less. */
const usualShare = 0.95;

/** Of held-back events; Infinity where there are none, so that nothing lies beyond it. */
export function usualPerplexityOf(perplexities: Float64Array): number {
  const sorted = Float64Array.from(perplexities).filter(Number.isFinite).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(usualShare * sorted.length))] ?? Infinity;
}

/** From 0, where it is usual, to 1, where it is twice that. */
export function confidenceOf(perplexity: number, usual: number): number {
  return Math.min(1, Math.max(0, perplexity / usual - 1));
}
