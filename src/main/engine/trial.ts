/** @file A provider tried on a model: whether it is there, how far its answers lie from the CPU's, and how fast it gives them. */
import { performance } from 'node:perf_hooks';
import type { TrialInput, TrialOutput } from '../../shared/engineProtocol.ts';
import { AppError } from '../../shared/errors.ts';
import type { KeyModelShape } from '../../shared/trainerProtocol.ts';
import { differenceNat, warmUpIds } from './agreement.ts';
import { largestBatch } from './batcher.ts';
import { Graphs } from './graphs.ts';
import { batchTokens, type EngineOptions } from './model.ts';
import { readModelFiles } from './modelFiles.ts';
import { absenceOf } from './session.ts';

/** A batch that takes longer than this is not made larger, and not timed often. */
const longRunMs = 200;
const mostRuns = 7;
/** Until a batch size is settled on: a slow provider is known as one by then. */
const settlingMs = 1000;

/** Throws PROVIDER_FAILED where the provider is there and cannot run the model, MODEL_INVALID where nothing could. */
export async function tryProvider(
  { directory, shape, provider, graph = 'f32' }: TrialInput,
  options: EngineOptions,
): Promise<TrialOutput> {
  const files = await readModelFiles(directory, shape);
  const onCpu = await Graphs.open(files, { ...options, provider: 'cpu' });
  let graphs: Graphs | undefined;
  try {
    const startedMs = performance.now();
    const scored = provider === 'cpu' ? await readModelFiles(directory, shape, graph) : files;
    graphs = await Graphs.open(scored, { ...options, provider });
    await graphs.logProbabilities(warmUpIds(shape, 1), warmUpIds(shape, 1), 1, 1);
    const startMs = performance.now() - startedMs;
    const difference = provider === 'cpu' ? 0 : await differenceNat(onCpu, graphs, shape);
    const msPerThousandEvents = await timePerThousand(graphs, shape, batchTokens(provider, options.intraOpThreads));
    return { isThere: true, msPerThousandEvents, differenceNat: difference, startMs };
  } catch (error) {
    const reason = error instanceof AppError && error.code === 'PROVIDER_FAILED' ? absenceOf(error.message) : undefined;
    if (reason === undefined) throw error;
    return { isThere: false, reason };
  } finally {
    await onCpu.release();
    await graphs?.release();
  }
}

/** Median over a few runs of a batch as large as scoring makes it, or as large as takes `longRunMs`. */
async function timePerThousand(graphs: Graphs, shape: KeyModelShape, tokens: number): Promise<number> {
  const T = shape.contextLength;
  const largest = largestBatch(shape, T, tokens);
  const run = async (B: number): Promise<number> => {
    const ids = warmUpIds(shape, B * T);
    const startedMs = performance.now();
    await graphs.logProbabilities(ids, ids, B, T);
    return performance.now() - startedMs;
  };
  const startedMs = performance.now();
  const isSettling = (): boolean => performance.now() - startedMs < settlingMs;
  let B = 1;
  for (await run(B); B < largest && (await run(B)) < longRunMs && isSettling();) {
    B = Math.min(largest, B * 4);
    await run(B); // the first run of a size may compile for it
  }
  const times = [await run(B)];
  while (times.length < mostRuns && times.reduce((sum, ms) => sum + ms, 0) < 2 * longRunMs) times.push(await run(B));
  times.sort((a, b) => a - b);
  return ((times[times.length >> 1] ?? 0) / (B * T)) * 1000;
}
