/** @file What a text model would write next, one token at a time. The same seed gives the same tokens. Engine thread. */
import { AppError } from '../../shared/errors.ts';
import type { ContinueTextInput } from '../../shared/textModels.ts';
import { checkIds } from './score.ts';
import type { TextModel } from './textModel.ts';

/** What continuing needs of a model. */
type Writer = Pick<TextModel, 'shape' | 'nextLogits'>;

const mostTokensAsked = 1000;

type Context = { signal: AbortSignal; progress: (value: { doneTokens: number }) => void };

/** Ends before `endId`, or after `mostTokens`. What is longer than the context is read from its end. */
export async function continueText(
  model: Writer,
  { ids, mostTokens, temperature, seed, endId }: Omit<ContinueTextInput, 'directory'>,
  { signal, progress }: Context,
): Promise<Int32Array> {
  const { contextLength, vocabularySize } = model.shape;
  checkIds(ids, vocabularySize);
  if (ids.length === 0) throw new AppError('BAD_REQUEST', 'There is no text to continue.');
  if (!Number.isInteger(mostTokens) || mostTokens < 1 || mostTokens > mostTokensAsked)
    throw new AppError('BAD_REQUEST', `${mostTokens} tokens cannot be asked for; 1 to ${mostTokensAsked} can.`);
  if (!(temperature >= 0 && temperature <= 10))
    throw new AppError('BAD_REQUEST', `The temperature is ${temperature}; it must lie between 0 and 10.`);
  const random = randomOf(seed);
  const written: number[] = [];
  while (written.length < mostTokens) {
    if (signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
    const context = [...ids, ...written].slice(-contextLength);
    const logits = await model.nextLogits(BigInt64Array.from(context, BigInt));
    const token = temperature === 0 ? mostProbable(logits) : drawn(logits, temperature, random());
    if (token === endId) break;
    written.push(token);
    progress({ doneTokens: written.length });
  }
  return Int32Array.from(written);
}

/** The first of the largest. */
function mostProbable(logits: Float32Array): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) {
    if ((logits[token] ?? -Infinity) > (logits[best] ?? -Infinity)) best = token;
  }
  return best;
}

/** The token whose stretch of the cumulative distribution holds `uniform`. */
export function drawn(logits: Float32Array, temperature: number, uniform: number): number {
  const largest = logits[mostProbable(logits)] ?? 0;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [token, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return token;
  }
  return mostProbable(logits); // rounding used up the whole
}

/** Uniform in [0, 1), 32 bits: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let h = Math.imul(state ^ (state >>> 15), state | 1);
    h ^= h + Math.imul(h ^ (h >>> 7), h | 61);
    return ((h ^ (h >>> 14)) >>> 0) / 2 ** 32;
  };
}
