/** @file Bits of every token of many sequences: windows, equal pieces once, batches of similar length. Engine. */
import { performance } from 'node:perf_hooks';
import { AppError } from '../../shared/errors.ts';
import type { ScoreOutput } from '../../shared/engineProtocol.ts';
import type { SequenceSet } from '../../shared/sequences.ts';
import type { KeyModelShape } from '../../shared/trainerProtocol.ts';
import type { LoadedModel } from './model.ts';
import { pieceKey } from './pieceCache.ts';
import { planWindows } from './windows.ts';

/** What scoring needs of a model, over keys or over text. */
export type ScoredModel = Pick<LoadedModel, 'shape' | 'cache' | 'batchTokens' | 'logProbabilities'>;

/** Ids of one window, and where its bits go: the sequence's offset in the whole, and the first position that counts. */
type Piece = { key: string; ids: Int32Array; bits: Float32Array | undefined; sequencesEnded: number };
type Use = { piece: Piece; at: number; skip: number };
export type ScoreProgress = { signal: AbortSignal; progress: (value: { doneSequences: number }) => void };

/** One batch is bounded by the size of its logits and of its attention scores. */
const largestTensorBytes = 64 * 1024 * 1024;
const progressIntervalMs = 100;

/** Throws BAD_REQUEST on malformed sequences, CANCELLED between batches. `progress` counts whole sequences. */
export async function scoreSequences(
  model: ScoredModel,
  sequences: SequenceSet,
  { signal, progress }: ScoreProgress,
): Promise<Omit<ScoreOutput, 'graph'>> {
  checkSequences(sequences, model.shape.vocabularySize);
  const { pieces, uses } = planPieces(model, sequences);
  const fresh = pieces.filter(({ bits }) => bits === undefined).sort((a, b) => a.ids.length - b.ids.length);
  let done = sequences.offsets.length - 1 - fresh.reduce((total, { sequencesEnded }) => total + sequencesEnded, 0);
  let [computedTokens, lastProgressMs] = [0, -Infinity];
  for (let from = 0; from < fresh.length;) {
    if (signal.aborted) throw new AppError('CANCELLED', 'Scoring was cancelled.');
    const batch = fresh.slice(from, from + batchSize(model, fresh, from));
    computedTokens += await scoreBatch(model, batch);
    from += batch.length;
    done += batch.reduce((total, { sequencesEnded }) => total + sequencesEnded, 0);
    if (performance.now() - lastProgressMs < progressIntervalMs) continue;
    lastProgressMs = performance.now();
    progress({ doneSequences: done });
  }
  const bits = new Float32Array(sequences.ids.length);
  for (const { piece, at, skip } of uses) {
    if (piece.bits) bits.set(piece.bits.subarray(skip), at + skip);
  }
  return { bits, computedTokens };
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

/** How many of `pieces` (ascending length), from `from` on, go together. At least one. */
function batchSize({ shape, batchTokens }: ScoredModel, pieces: readonly Piece[], from: number): number {
  let B = 1;
  while (from + B < pieces.length) {
    const T = (pieces[from + B]?.ids.length ?? 0) - 1;
    if (B + 1 > largestBatch(shape, T, batchTokens)) break;
    B++;
  }
  return B;
}

/** How many sequences of T tokens go together: about `tokens` in all, and no tensor too large. At least one. */
export function largestBatch({ vocabularySize: V, heads: H }: KeyModelShape, T: number, tokens: number): number {
  const fitting = Math.min(tokens, largestTensorBytes / 4 / Math.max(V, H * T));
  return Math.max(1, Math.floor(fitting / Math.max(1, T)));
}

/** Sets the pieces' bits. Returns how many tokens went through the model, padding left out. */
async function scoreBatch(model: ScoredModel, batch: readonly Piece[]): Promise<number> {
  const [B, T] = [batch.length, (batch.at(-1)?.ids.length ?? 1) - 1];
  const ids = new BigInt64Array(B * T); // padding is id 0, to the right, where a causal model does not look
  const targets = new BigInt64Array(B * T);
  // Writing the low words is much faster than making a BigInt of each id (little-endian, as all platforms of ONNX Runtime are).
  const [idWords, targetWords] = [new Int32Array(ids.buffer), new Int32Array(targets.buffer)];
  batch.forEach((piece, row) => {
    for (let t = 0; t + 1 < piece.ids.length; t++) {
      idWords[2 * (row * T + t)] = piece.ids[t] ?? 0;
      targetWords[2 * (row * T + t)] = piece.ids[t + 1] ?? 0;
    }
  });
  const logProbability = await model.logProbabilities(ids, targets, B, T);
  let tokens = 0;
  batch.forEach((piece, row) => {
    const bits = new Float32Array(piece.ids.length);
    // -0 for a certain token would be odd to read, and rounding can leave a log-probability a hair above 0.
    for (let t = 1; t < bits.length; t++) bits[t] = Math.max(0, -(logProbability[row * T + t - 1] ?? NaN) / Math.LN2);
    piece.bits = bits;
    model.cache.set(piece.key, bits);
    tokens += piece.ids.length - 1;
  });
  return tokens;
}

function checkSequences({ ids, offsets }: SequenceSet, vocabularySize: number): void {
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
