/**
 * @file From sequences to what the model is trained on: pieces that fit the context, equal ones held once with their count.
 * A piece of n tokens makes n - 1 predictions, each token from those before it in the piece.
 */
import { AppError } from '../../src/shared/errors.ts';
import type { SequenceSet } from '../../src/shared/sequences.ts';

/** Piece i is `ids[offsets[i] .. offsets[i + 1])` and occurs `counts[i]` times. */
export type PieceSet = {
  ids: Int32Array;
  offsets: Int32Array;
  counts: Int32Array;
  predictions: number;
  /** By how much each id counts as a target; null where all count alike. */
  targetWeights: Float32Array | null;
};

/**
 * Cuts, drops what predicts nothing (fewer than two tokens), and counts equal pieces. Throws BAD_REQUEST on an id outside the vocabulary.
 *
 * A sequence with more predictions than the context holds is cut evenly, and each later piece begins with the last token of the one
 * before: every token is predicted exactly once, no piece is a stub with almost no context, and a piece that starts in mid-session
 * looks like what the engine scores there. A `begin` in its place would teach that anything may follow the start of a session.
 */
export function cutPieces(
  sequences: SequenceSet,
  contextLength: number,
  vocabularySize: number,
  targetWeights: Float32Array | null = null,
): PieceSet {
  const { ids, offsets } = sequences;
  checkIds(sequences, vocabularySize);
  if (targetWeights) checkWeights(targetWeights, ids.length);
  const starts: number[] = [];
  const counts: number[] = [];
  const ends: number[] = [];
  const known = new Map<string, number>();
  for (let i = 0; i + 1 < offsets.length; i++) {
    const from = offsets[i] ?? 0;
    const predictions = (offsets[i + 1] ?? 0) - from - 1;
    const parts = Math.ceil(predictions / contextLength);
    for (let part = 0; part < parts; part++) {
      const start = from + Math.round((part * predictions) / parts);
      const end = from + Math.round(((part + 1) * predictions) / parts) + 1;
      const key =
        unitsOf(ids.subarray(start, end)) + (targetWeights ? bitsOf(targetWeights.subarray(start + 1, end)) : '');
      const index = known.get(key);
      if (index === undefined) {
        known.set(key, starts.length);
        starts.push(start);
        ends.push(end);
        counts.push(1);
      } else {
        counts[index] = (counts[index] ?? 0) + 1;
      }
    }
  }
  return copyPieces(ids, targetWeights, starts, ends, counts);
}

/** Each id is one UTF-16 unit: no vocabulary has more than 65,536. */
function unitsOf(ids: Int32Array | Uint16Array): string {
  return String.fromCharCode(...ids);
}

/** Two UTF-16 units a weight, not its digits: there are as many keys as pieces. */
function bitsOf({ buffer, byteOffset, length }: Float32Array): string {
  return unitsOf(new Uint16Array(buffer, byteOffset, 2 * length));
}

function copyPieces(
  ids: Int32Array,
  targetWeights: Float32Array | null,
  starts: readonly number[],
  ends: readonly number[],
  counts: readonly number[],
): PieceSet {
  const offsets = new Int32Array(starts.length + 1);
  let predictions = 0;
  starts.forEach((start, index) => {
    const length = (ends[index] ?? 0) - start;
    offsets[index + 1] = (offsets[index] ?? 0) + length;
    predictions += (length - 1) * (counts[index] ?? 0);
  });
  const copied = new Int32Array(offsets[starts.length] ?? 0);
  const copiedWeights = targetWeights && new Float32Array(copied.length);
  starts.forEach((start, index) => {
    copied.set(ids.subarray(start, ends[index]), offsets[index]);
    if (targetWeights) copiedWeights?.set(targetWeights.subarray(start, ends[index]), offsets[index]);
  });
  return { ids: copied, offsets, counts: Int32Array.from(counts), predictions, targetWeights: copiedWeights };
}

function checkWeights(weights: Float32Array, size: number): void {
  if (weights.length !== size || !weights.every((weight) => weight >= 0 && Number.isFinite(weight))) {
    throw new AppError('BAD_REQUEST', `There must be ${size} target weights, none of them negative.`);
  }
}

function checkIds({ ids, offsets }: SequenceSet, vocabularySize: number): void {
  let previous = 0;
  for (const offset of offsets) {
    if (offset < previous) throw new AppError('BAD_REQUEST', 'Sequence offsets must not decrease.');
    previous = offset;
  }
  if (offsets.length === 0 || offsets[0] !== 0 || previous !== ids.length) {
    throw new AppError('BAD_REQUEST', `Sequence offsets must run from 0 to the number of ids, ${ids.length}.`);
  }
  for (const id of ids) {
    if (id < 0 || id >= vocabularySize) {
      throw new AppError('BAD_REQUEST', `Token id ${id} is outside the vocabulary of ${vocabularySize}.`);
    }
  }
}
