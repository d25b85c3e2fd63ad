/** @file Bits of every token of many sequences, in windows, equal pieces once. Engine. */
import { performance } from 'node:perf_hooks';
import { AppError } from '../../shared/errors.ts';
import type { ScoreOutput } from '../../shared/engineProtocol.ts';
import type { SequenceSet } from '../../shared/sequences.ts';
import type { Batcher, BatchedModel, Piece } from './batcher.ts';
import { pieceKey } from './pieceCache.ts';
import { planWindows } from './windows.ts';

/** What scoring needs of a model, over keys or over text. */
export type ScoredModel = BatchedModel & { readonly batcher: Batcher };

/** Where a piece's bits go: the sequence's offset in the whole, and the first position that counts. */
type Use = { piece: Piece; at: number; skip: number };
export type ScoreProgress = { signal: AbortSignal; progress: (value: { doneSequences: number }) => void };

const progressIntervalMs = 100;

/** Throws BAD_REQUEST on malformed sequences, CANCELLED between batches. `progress` counts whole sequences. */
export async function scoreSequences(
  model: ScoredModel,
  sequences: SequenceSet,
  { signal, progress }: ScoreProgress,
): Promise<Omit<ScoreOutput, 'graph' | 'residentBytes'>> {
  checkSequences(sequences, model.shape.vocabularySize);
  const { pieces, uses } = planPieces(model, sequences);
  const fresh = pieces.filter(({ bits }) => bits === undefined);
  let done = sequences.offsets.length - 1 - fresh.reduce((total, { sequencesEnded }) => total + sequencesEnded, 0);
  let [computedTokens, lastProgressMs] = [0, -Infinity];
  await model.batcher.run(fresh, {
    signal,
    onBits: (some, computed) => {
      computedTokens += computed;
      done += some.reduce((total, { sequencesEnded }) => total + sequencesEnded, 0);
      if (performance.now() - lastProgressMs < progressIntervalMs) return;
      lastProgressMs = performance.now();
      progress({ doneSequences: done });
    },
  });
  const bits = new Float32Array(sequences.ids.length);
  for (const { piece, at, skip } of uses) {
    if (piece.bits) bits.set(piece.bits.subarray(skip), at + skip);
  }
  const askedTokens = uses.reduce((total, { piece }) => total + piece.ids.length - 1, 0);
  return { bits, askedTokens, computedTokens };
}

/** Every window of every sequence as a use of a piece; equal pieces are one, and bits that the cache holds are there already. */
function planPieces(model: ScoredModel, { ids, offsets }: SequenceSet): { pieces: Piece[]; uses: Use[] } {
  const pieces = new Map<string, Piece>();
  const uses: Use[] = [];
  for (let i = 0; i + 1 < offsets.length; i++) {
    const offset = offsets[i] ?? 0;
    let last: Piece | undefined;
    for (const { start, end, firstScored } of planWindows((offsets[i + 1] ?? 0) - offset, model.shape.contextLength)) {
      const window = ids.subarray(offset + start, offset + end);
      const key = pieceKey(window);
      last = pieces.get(key);
      if (!last) {
        last = { key, ids: window, bits: model.cache.get(key), sequencesEnded: 0 };
        pieces.set(key, last);
      }
      uses.push({ piece: last, at: offset + start, skip: firstScored - start });
    }
    if (last) last.sequencesEnded++;
  }
  return { pieces: [...pieces.values()], uses };
}

export function checkSequences({ ids, offsets }: SequenceSet, vocabularySize: number): void {
  let previous = 0;
  for (const offset of offsets) {
    if (offset < previous) throw new AppError('BAD_REQUEST', 'Sequence offsets must not decrease.');
    previous = offset;
  }
  if (offsets.length === 0 || offsets[0] !== 0 || previous !== ids.length) {
    throw new AppError('BAD_REQUEST', `Sequence offsets must run from 0 to the number of ids, ${ids.length}.`);
  }
  checkIds(ids, vocabularySize);
}

export function checkIds(ids: Int32Array, vocabularySize: number): void {
  for (const id of ids) {
    if (id < 0 || id >= vocabularySize) {
      throw new AppError('BAD_REQUEST', `Token id ${id} is outside the model's vocabulary of ${vocabularySize}.`);
    }
  }
}
