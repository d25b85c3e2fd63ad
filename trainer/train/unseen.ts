/**
 * @file Which event ids are replaced by `unseen` in training, so that `unseen` is a target the model has learnt and a new template
 * gets a meaningful surprise instead of an arbitrary one (science.md 7.2).
 */
import { keyTokens } from '../../src/shared/sequences.ts';
import type { PieceSet } from './pieces.ts';

/** No id is replaced more often than this: a rare id must still be learnt as itself. */
const highestProbability = 0.5;

/**
 * Probability of replacement by token id, such that `rate` of all events are replaced on average. Every id gives up about the same
 * number of events, hence rare ids a large share of theirs and frequent ids next to nothing: `unseen` then stands where rare events stand.
 */
export function unseenProbabilities(pieces: PieceSet, vocabularySize: number, rate: number): Float64Array {
  const counts = countEvents(pieces, vocabularySize);
  const ids = [...counts.keys()]
    .filter((id) => (counts[id] ?? 0) > 0)
    .sort((a, b) => (counts[a] ?? 0) - (counts[b] ?? 0));
  let remaining = rate * counts.reduce((total, count) => total + count, 0);
  const probabilities = new Float64Array(vocabularySize);
  // From the rarest on: each takes its equal part of what is left, up to its cap; what it cannot take goes to the next.
  ids.forEach((id, index) => {
    const count = counts[id] ?? 0;
    const taken = Math.min(remaining / (ids.length - index), count * highestProbability);
    probabilities[id] = taken / count;
    remaining -= taken;
  });
  return probabilities;
}

/** By id. */
function countEvents(pieces: PieceSet, vocabularySize: number): Float64Array {
  const counts = new Float64Array(vocabularySize);
  pieces.counts.forEach((count, piece) => {
    for (let i = pieces.offsets[piece] ?? 0; i < (pieces.offsets[piece + 1] ?? 0); i++) {
      const id = pieces.ids[i] ?? 0;
      if (id >= keyTokens.firstEventId) counts[id] = (counts[id] ?? 0) + count;
    }
  });
  return counts;
}
