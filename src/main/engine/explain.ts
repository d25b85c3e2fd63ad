/** @file What the model would have expected at given positions of one sequence. Engine. */
import { AppError } from '../../shared/errors.ts';
import type { ExplainInput, ExplainOutput } from '../../shared/engineProtocol.ts';
import type { LoadedModel } from './model.ts';
import { checkIds } from './score.ts';
import { planWindows, type Window } from './windows.ts';

/**
 * Position p asks for the token at p given those before it, with the same context that scoring gives it; p = ids.length asks what comes
 * next. `top` is cut to the vocabulary. Throws BAD_REQUEST for position 0, which has nothing before it, and for positions beyond the end.
 */
export async function explainPositions(
  model: LoadedModel,
  { ids, positions, top }: Omit<ExplainInput, 'modelId'>,
): Promise<ExplainOutput> {
  const { contextLength, vocabularySize } = model.shape;
  checkIds(ids, vocabularySize);
  if (!Number.isInteger(top) || top < 1)
    throw new AppError('BAD_REQUEST', `top is ${top}; it must be a whole number from 1.`);
  for (const position of positions) {
    if (position < 1 || position > ids.length) {
      throw new AppError(
        'BAD_REQUEST',
        `Position ${position} cannot be explained; it must lie between 1 and ${ids.length}.`,
      );
    }
  }
  const width = Math.min(top, vocabularySize);
  const result = {
    ids: new Int32Array(positions.length * width),
    probabilities: new Float32Array(positions.length * width),
  };
  for (const { window, asked } of byWindow(planWindows(ids.length + 1, contextLength), positions)) {
    const inputs = BigInt64Array.from(ids.subarray(window.start, window.end - 1), BigInt);
    const rows = BigInt64Array.from(asked, (index) => BigInt((positions[index] ?? 0) - 1 - window.start));
    const answer = await model.graphs.mostProbable(inputs, rows, width);
    asked.forEach((index, row) => {
      for (let rank = 0; rank < width; rank++) {
        result.ids[index * width + rank] = Number(answer.ids[row * width + rank]);
        result.probabilities[index * width + rank] = Math.exp(answer.logProbability[row * width + rank] ?? -Infinity);
      }
    });
  }
  return result;
}

/** For each window that is needed, the indices into `positions` that it answers. */
function byWindow(windows: readonly Window[], positions: Int32Array): { window: Window; asked: number[] }[] {
  return windows
    .map((window) => ({
      window,
      asked: [...positions.keys()].filter((index) => {
        const position = positions[index] ?? 0;
        return position >= window.firstScored && position < window.end;
      }),
    }))
    .filter(({ asked }) => asked.length > 0);
}
