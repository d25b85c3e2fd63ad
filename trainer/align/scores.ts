/** @file The score of a sequence from the surprise of its tokens, and how much each token has to do with it. */
import type { SequenceScore } from '../../src/shared/alignProtocol.ts';

const sharpness = 4;

export type Scored = {
  score: number;
  /** d score / d surprise of each token; they sum to 1. */
  shares: Float64Array;
};

/** `surprise` in nats, one per predicted token. */
export function scoreSequence(surprise: Float32Array, kind: SequenceScore): Scored {
  const count = surprise.length;
  if (kind === 'mean') {
    return {
      score: surprise.reduce((sum, value) => sum + value, 0) / count,
      shares: new Float64Array(count).fill(1 / count),
    };
  }
  // log of the mean of exp(sharpness * surprise): between the mean and the maximum, whatever the length.
  const largest = surprise.reduce((most, value) => Math.max(most, value), -Infinity);
  const shares = Float64Array.from(surprise, (value) => Math.exp(sharpness * (value - largest)));
  const sum = shares.reduce((total, value) => total + value, 0);
  return { score: largest + Math.log(sum / count) / sharpness, shares: shares.map((value) => value / sum) };
}
