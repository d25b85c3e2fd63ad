/** @file The two score graphs of a model side by side on the CPU: what each says of the same sequences, and how fast. Engine. */
import { performance } from 'node:perf_hooks';
import type { CompareInput, CompareOutput } from '../../shared/engineProtocol.ts';
import { AppError } from '../../shared/errors.ts';
import type { SequenceSet } from '../../shared/sequences.ts';
import { warmUpIds } from './agreement.ts';
import { largestBatch } from './batcher.ts';
import { LoadedModel, type EngineOptions } from './model.ts';
import { scoreSequences, type ScoreProgress } from './score.ts';

/** A short batch, run often, by turns: the fastest run of each counts, and one that nothing interrupted is among them on a busy machine, too. */
const timedTokens = 512;
const leastRounds = 8;
const mostRounds = 60;
const timingMs = 250;

/** Throws MODEL_INVALID where the f32 graph cannot be run, BAD_REQUEST and CANCELLED as scoring does. */
export async function compareGraphs(
  { sequences, ...folder }: CompareInput,
  options: EngineOptions,
  context: ScoreProgress,
): Promise<CompareOutput> {
  const f32 = await LoadedModel.load({ ...folder, graph: 'f32' }, options);
  let int8: LoadedModel | undefined;
  try {
    const { bits } = await scoreSequences(f32, sequences, context);
    try {
      int8 = await LoadedModel.load({ ...folder, graph: 'int8' }, options);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'MODEL_INVALID') throw error;
      return { f32: bits, int8: { failure: error.message } };
    }
    const { bits: int8Bits } = await scoreSequences(int8, sequences, context);
    const timesAsFast = await timesAsFastAs(f32, int8, sequences);
    return int8Bits.every(Number.isFinite)
      ? { f32: bits, int8: { bits: int8Bits, timesAsFast } }
      : { f32: bits, int8: { failure: 'it answers with something other than numbers' } };
  } finally {
    await f32.retire();
    await int8?.retire();
  }
}

/** How many times as fast `other` answers as `model`, on sequences as long as those given are in the mean. */
async function timesAsFastAs(model: LoadedModel, other: LoadedModel, { ids, offsets }: SequenceSet): Promise<number> {
  const meanLength = Math.round(ids.length / Math.max(1, offsets.length - 1));
  const T = Math.max(1, Math.min(model.shape.contextLength, meanLength - 1));
  const B = largestBatch(model.shape, T, timedTokens);
  const batch = warmUpIds(model.shape, B * T);
  const time = async ({ graphs }: LoadedModel): Promise<number> => {
    const startedMs = performance.now();
    await graphs.logProbabilities(batch, batch, B, T);
    return performance.now() - startedMs;
  };
  const startedMs = performance.now();
  let [modelMs, otherMs] = [Infinity, Infinity];
  for (let round = 0; round < mostRounds; round++) {
    if (round >= leastRounds && performance.now() - startedMs > timingMs) break;
    modelMs = Math.min(modelMs, await time(model));
    otherMs = Math.min(otherMs, await time(other));
  }
  return modelMs / otherMs;
}
