/** @file Which tokens of many sequences are not among the K that the model most expects where they stand. Engine. */
import { AppError } from '../../shared/errors.ts';
import type { UnexpectedInput, UnexpectedOutput } from '../../shared/engineProtocol.ts';
import type { LoadedModel } from './model.ts';
import { pieceKey } from './pieceCache.ts';
import { checkSequences } from './score.ts';
import { planWindows } from './windows.ts';

/** A window of one or more sequences, and where in it is asked: by position in the window, all positions of the input that it answers. */
type Asked = { ids: Int32Array; places: Map<number, number[]> };

/**
 * Each asked token has the context that scoring gives it; equal windows are read once. Throws BAD_REQUEST on malformed sequences, on positions
 * that do not rise, and on the first token of a sequence, which has nothing before it.
 */
export async function unexpectedTokens(
  model: LoadedModel,
  { sequences, positions, k }: Omit<UnexpectedInput, 'modelId'>,
  signal: AbortSignal,
): Promise<UnexpectedOutput> {
  const { vocabularySize } = model.shape;
  checkSequences(sequences, vocabularySize);
  if (!Number.isInteger(k) || k < 1) throw new AppError('BAD_REQUEST', `K is ${k}; it must be a whole number from 1.`);
  const isRising = positions.every((position, index) => index === 0 || position > (positions[index - 1] ?? 0));
  if (!isRising) throw new AppError('BAD_REQUEST', 'Positions must rise.');
  const isUnexpected = new Uint8Array(positions.length);
  const width = Math.min(k, vocabularySize);
  for (const { ids, places } of askedWindows(model.shape.contextLength, sequences, positions)) {
    if (signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
    const rows = [...places.keys()];
    const inputs = BigInt64Array.from(ids.subarray(0, -1), BigInt);
    const most = await model.graphs.mostProbable(
      inputs,
      BigInt64Array.from(rows, (at) => BigInt(at - 1)),
      width,
    );
    rows.forEach((at, row) => {
      const token = BigInt(ids[at] ?? 0);
      if (most.ids.subarray(row * width, (row + 1) * width).includes(token)) return;
      for (const index of places.get(at) ?? []) isUnexpected[index] = 1;
    });
  }
  return { isUnexpected };
}

function askedWindows(
  contextLength: number,
  { ids, offsets }: UnexpectedInput['sequences'],
  positions: Int32Array,
): Iterable<Asked> {
  const windows = new Map<string, Asked>();
  let next = 0;
  for (let sequence = 0; sequence + 1 < offsets.length && next < positions.length; sequence++) {
    const start = offsets[sequence] ?? 0;
    const end = offsets[sequence + 1] ?? 0;
    if ((positions[next] ?? 0) >= end) continue;
    for (const window of planWindows(end - start, contextLength)) {
      let asked: Asked | undefined;
      while (next < positions.length && (positions[next] ?? 0) < start + window.end) {
        const place = (positions[next] ?? 0) - start;
        if (place < window.firstScored)
          throw new AppError(
            'BAD_REQUEST',
            `Position ${positions[next]} cannot be asked for; positions rise, and skip first tokens.`,
          );
        if (!asked) {
          const own = ids.subarray(start + window.start, start + window.end);
          const key = pieceKey(own);
          asked = windows.get(key) ?? { ids: own, places: new Map() };
          windows.set(key, asked);
        }
        const at = place - window.start;
        const same = asked.places.get(at);
        if (same) same.push(next);
        else asked.places.set(at, [next]);
        next++;
      }
    }
  }
  if (next < positions.length)
    throw new AppError('BAD_REQUEST', `Position ${positions[next]} lies beyond the last token.`);
  return windows.values();
}
