/**
 * @file One loaded key model: its graphs, its cache, and safe release while requests still use it. Engine.
 * Shape letters in engine/: B sequences of a batch, T tokens of a sequence, V vocabulary, H heads.
 */
import { performance } from 'node:perf_hooks';
import { agreementNat, type LoadInput, type ProviderName, type ScoreGraph } from '../../shared/engineProtocol.ts';
import { AppError } from '../../shared/errors.ts';
import type { KeyModelShape } from '../../shared/trainerProtocol.ts';
import { differenceNat, warmUpIds } from './agreement.ts';
import { Batcher, setBits } from './batcher.ts';
import { Graphs, type GraphFile } from './graphs.ts';
import { readModelFiles } from './modelFiles.ts';
import { PieceCache } from './pieceCache.ts';
import type { OpenSession } from './session.ts';

export type EngineOptions = { intraOpThreads: number; openSession: OpenSession };

export class LoadedModel {
  readonly shape: KeyModelShape;
  readonly directory: string;
  readonly cache = new PieceCache();
  readonly batcher: Batcher = new Batcher(this, (pieces) => setBits(this, pieces));
  readonly graphs: Graphs;
  readonly scoreGraph: ScoreGraph;
  /** About how many tokens go through the model at once. */
  readonly batchTokens: number;
  #users = 1; // the registry's own use, given back by `retire`

  private constructor(
    { shape, directory }: Pick<LoadInput, 'shape' | 'directory'>,
    graphs: Graphs,
    scoreGraph: ScoreGraph,
    batchTokens: number,
  ) {
    this.shape = shape;
    this.directory = directory;
    this.graphs = graphs;
    this.scoreGraph = scoreGraph;
    this.batchTokens = batchTokens;
  }

  /**
   * Throws MODEL_INVALID, naming the file, where a file is missing, damaged or not such a model, and PROVIDER_FAILED where the provider
   * cannot run it or does not answer as the CPU does.
   */
  static async load(input: Omit<LoadInput, 'modelId'>, options: EngineOptions): Promise<LoadedModel> {
    const { directory, shape, provider = 'cpu', graph = 'f32' } = input;
    const scoreGraph = provider === 'cpu' ? graph : 'f32';
    const files = await readModelFiles(directory, shape, scoreGraph);
    const onCpu = await Graphs.open(files, { ...options, provider: 'cpu' });
    let graphs = onCpu;
    try {
      await probe(onCpu, shape, files);
      if (provider !== 'cpu') {
        graphs = await Graphs.open(files, { ...options, provider });
        const difference = await differenceNat(onCpu, graphs, shape);
        if (!(difference <= agreementNat))
          throw new AppError(
            'PROVIDER_FAILED',
            `its answers differ from the CPU's by ${difference.toPrecision(2)} nat`,
          );
        const tokens = await batchTokensWithin(graphs, shape, batchTokens(provider, options.intraOpThreads));
        await onCpu.release();
        return new LoadedModel(input, graphs, scoreGraph, tokens);
      }
      return new LoadedModel(input, graphs, scoreGraph, batchTokens(provider, options.intraOpThreads));
    } catch (error) {
      await onCpu.release();
      if (graphs !== onCpu) await graphs.release();
      throw error;
    }
  }

  logProbabilities(...batch: Parameters<Graphs['logProbabilities']>): Promise<Float32Array> {
    return this.graphs.logProbabilities(...batch);
  }

  /** Keeps the sessions alive for as long as `work` runs, even if the model is unloaded meanwhile. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work();
    } finally {
      await this.#leave();
    }
  }

  /** Releases the sessions as soon as nobody uses them. */
  retire(): Promise<void> {
    return this.#leave();
  }

  async #leave(): Promise<void> {
    if (--this.#users === 0) await this.graphs.release();
  }
}

/**
 * Where tokens per second are highest: measured at width 64, 512 to 1,024 tokens for one thread, from 2,048 on for two. A GPU wants more;
 * how much was not measured.
 */
export function batchTokens(provider: ProviderName, intraOpThreads: number): number {
  return provider === 'cpu' ? 1024 * intraOpThreads : 16_384;
}

/** A batch in between which cancels and progress wait, and after which a silence is one. */
const longestBatchMs = 1000;

/** As many tokens as a provider gets through in `longestBatchMs`, judged by one sequence: software in a GPU's place is very slow. */
async function batchTokensWithin(graphs: Graphs, shape: KeyModelShape, most: number): Promise<number> {
  const ids = warmUpIds(shape, shape.contextLength);
  const startedMs = performance.now();
  await graphs.logProbabilities(ids, ids, 1, ids.length);
  const tokensPerMs = ids.length / (performance.now() - startedMs);
  return Math.min(most, Math.max(ids.length, Math.round(tokensPerMs * longestBatchMs)));
}

/** A model that opens may still not fit its shape: ask both graphs about the last id at the last position. */
async function probe(
  graphs: Graphs,
  { contextLength, vocabularySize }: KeyModelShape,
  files: { score: GraphFile; explain: GraphFile },
): Promise<void> {
  const ids = new BigInt64Array(contextLength).fill(BigInt(vocabularySize - 1));
  const last = BigInt64Array.of(BigInt(contextLength - 1));
  const check = async ({ path }: GraphFile, answer: () => Promise<Float32Array>): Promise<void> => {
    let values: Float32Array;
    try {
      values = await answer();
    } catch (error) {
      throw new AppError('MODEL_INVALID', `${path} does not fit the model's shape: ${String(error)}`, { cause: error });
    }
    // A log-probability may come out a rounding error above 0.
    if (values.length > 0 && values.every((value) => value < 1e-3)) return;
    throw new AppError('MODEL_INVALID', `${path} answers with something other than log-probabilities.`);
  };
  await check(files.score, () => graphs.logProbabilities(ids, ids, 1, contextLength));
  await check(files.explain, async () => (await graphs.mostProbable(ids, last, vocabularySize)).logProbability);
}
