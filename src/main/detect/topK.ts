/**
 * @file LogGPT's rule: an event is anomalous when its kind is not among the K that the model most expects there, and a session when any of its
 * events is, its end included. A kind that was never seen in training always is. (Han, Yuan, Trabelsi, arXiv 2309.14482.)
 */
import type { SessionScorer } from './detector.ts';

/** What is outside the K most expected has K others before it, so at most one in K + 1: it surprises by so many bits at least. */
export function leastTopKBits(k: number): number {
  return Math.log2(k + 1);
}

/** Bits of events that break the rule; NaN of the others. */
export function topKScorer(k: number): SessionScorer {
  const least = leastTopKBits(k);
  return {
    score: ({ bits, unexpected, first, count, hasEnd }, scores) => {
      const scoreOf = (at: number): number => (unexpected?.[at] === 1 ? Math.max(least, bits[at] ?? 0) : Number.NaN);
      for (let i = 0; i < count; i++) scores[i] = scoreOf(first + i);
      const end = hasEnd && count > 0 ? scoreOf(first + count) : Number.NaN;
      const last = scores[count - 1] ?? Number.NaN;
      if (!Number.isNaN(end)) scores[count - 1] = Number.isNaN(last) ? end : Math.max(last, end);
    },
  };
}
