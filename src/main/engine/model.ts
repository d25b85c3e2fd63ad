/**
 * @file One loaded key model: its ONNX sessions, its cache, and safe release while requests still use it. Engine thread.
 * Shape letters in engine/: B sequences of a batch, T tokens of a sequence, V vocabulary, H heads.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { AppError } from '../../shared/errors.ts';
import type { LoadInput } from '../../shared/engineProtocol.ts';
import type { KeyModelShape } from '../../shared/trainerProtocol.ts';
import { PieceCache } from './pieceCache.ts';

export const provider = 'cpu';

/** Far above any key model; what is larger is not ours, and must not be read into memory. */
const largestFileBytes = 1024 ** 3;
const scoreNames = { inputs: ['ids', 'targets'], outputs: ['logProbability'] };
const explainNames = { inputs: ['ids', 'rows', 'top'], outputs: ['topIds', 'topLogProbability'] };

export class LoadedModel {
  readonly shape: KeyModelShape;
  readonly cache = new PieceCache();
  readonly intraOpThreads: number;
  readonly #score: ort.InferenceSession;
  readonly #explain: ort.InferenceSession;
  #users = 1; // the registry's own use, given back by `retire`

  private constructor(
    shape: KeyModelShape,
    intraOpThreads: number,
    score: ort.InferenceSession,
    explain: ort.InferenceSession,
  ) {
    this.shape = shape;
    this.intraOpThreads = intraOpThreads;
    this.#score = score;
    this.#explain = explain;
  }

  /** Throws MODEL_INVALID, naming the file, where a file is missing, damaged or not such a model. */
  static async load({ directory, shape }: LoadInput, intraOpThreads: number): Promise<LoadedModel> {
    await checkShape(join(directory, 'shape.json'), shape);
    const score = await openSession(join(directory, 'score.onnx'), scoreNames, intraOpThreads);
    let explain: ort.InferenceSession | undefined;
    try {
      explain = await openSession(join(directory, 'explain.onnx'), explainNames, intraOpThreads);
      const model = new LoadedModel(shape, intraOpThreads, score, explain);
      await model.#probe(directory);
      return model;
    } catch (error) {
      await score.release();
      await explain?.release();
      throw error;
    }
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

  /** `ids` and `targets` are [B,T]; returns natural log-probabilities [B*T]. */
  async logProbabilities(ids: BigInt64Array, targets: BigInt64Array, B: number, T: number): Promise<Float32Array> {
    const feeds = { ids: new ort.Tensor('int64', ids, [B, T]), targets: new ort.Tensor('int64', targets, [B, T]) };
    const { logProbability } = await this.#score.run(feeds);
    return floats(logProbability);
  }

  /** The `top` most probable next tokens after each of `rows` of `ids` [1,T]. */
  async mostProbable(
    ids: BigInt64Array,
    rows: BigInt64Array,
    top: number,
  ): Promise<{ ids: BigInt64Array; logProbability: Float32Array }> {
    const { topIds, topLogProbability } = await this.#explain.run({
      ids: new ort.Tensor('int64', ids, [1, ids.length]),
      rows: new ort.Tensor('int64', rows, [rows.length]),
      top: new ort.Tensor('int64', BigInt64Array.of(BigInt(top)), [1]),
    });
    if (!(topIds?.data instanceof BigInt64Array)) throw new Error('topIds is not a tensor of int64');
    return { ids: topIds.data, logProbability: floats(topLogProbability) };
  }

  /** A model that loads may still not fit its shape: ask both graphs about the last id at the last position. */
  async #probe(directory: string): Promise<void> {
    const { contextLength, vocabularySize } = this.shape;
    const ids = new BigInt64Array(contextLength).fill(BigInt(vocabularySize - 1));
    const last = BigInt64Array.of(BigInt(contextLength - 1));
    const check = async (name: string, answer: () => Promise<Float32Array>): Promise<void> => {
      const path = join(directory, name);
      let values: Float32Array;
      try {
        values = await answer();
      } catch (error) {
        throw new AppError('MODEL_INVALID', `${path} does not fit the model's shape: ${String(error)}`, {
          cause: error,
        });
      }
      // A log-probability may come out a rounding error above 0.
      if (values.length > 0 && values.every((value) => value < 1e-3)) return;
      throw new AppError('MODEL_INVALID', `${path} answers with something other than log-probabilities.`);
    };
    await check('score.onnx', () => this.logProbabilities(ids, ids, 1, contextLength));
    await check('explain.onnx', async () => (await this.mostProbable(ids, last, vocabularySize)).logProbability);
  }

  async #leave(): Promise<void> {
    if (--this.#users > 0) return;
    await this.#score.release();
    await this.#explain.release();
  }
}

/** The folder says itself what it holds; where that is not what was asked for, models were mixed up. */
async function checkShape(path: string, shape: KeyModelShape): Promise<void> {
  let stored: unknown;
  try {
    stored = JSON.parse(new TextDecoder().decode(await readModelFile(path)));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('MODEL_INVALID', `${path} is not JSON.`, { cause: error });
  }
  const found = new Map(typeof stored === 'object' && stored !== null ? Object.entries(stored) : []);
  for (const [name, value] of Object.entries(shape)) {
    if (found.get(name) === value) continue;
    throw new AppError(
      'MODEL_INVALID',
      `${path} says ${name} ${String(found.get(name))}; the model was registered with ${value}.`,
    );
  }
}

function floats(tensor: ort.Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new Error('the answer is not a tensor of float32');
}

async function openSession(
  path: string,
  names: { inputs: readonly string[]; outputs: readonly string[] },
  intraOpThreads: number,
): Promise<ort.InferenceSession> {
  const bytes = await readModelFile(path);
  let session: ort.InferenceSession;
  try {
    // From memory, not by path: a model file then cannot refer to other files on the machine as its external data.
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: [provider],
      intraOpNumThreads: intraOpThreads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      enableCpuMemArena: false, // both off: one allocation of 2 GiB ends an Electron process (trainer.md 7)
      enableMemPattern: false,
      logSeverityLevel: 4, // what goes wrong is thrown
      // Softmax makes many denormal numbers where tokens are masked, and they are slow.
      extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw new AppError('MODEL_INVALID', `${path} cannot be loaded: ${String(error)}`, { cause: error });
  }
  const same = (a: readonly string[], b: readonly string[]): boolean =>
    a.length === b.length && a.every((name) => b.includes(name));
  if (same(session.inputNames, names.inputs) && same(session.outputNames, names.outputs)) return session;
  await session.release();
  throw new AppError(
    'MODEL_INVALID',
    `${path} is an ONNX model, but not a ${basename(path, '.onnx')} model of Surprisal.`,
  );
}

async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > largestFileBytes) throw new Error(`it has ${size} bytes`);
    return await readFile(path);
  } catch (error) {
    throw new AppError(
      'MODEL_INVALID',
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}
