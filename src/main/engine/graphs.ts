/** @file The two graphs of a key model, score and explain, as open sessions on one provider. */
import { basename } from 'node:path';
import * as ort from 'onnxruntime-node';
import { AppError } from '../../shared/errors.ts';
import type { ProviderName } from '../../shared/engineProtocol.ts';
import type { OpenSession, Session } from './session.ts';

/** A model file as it was read; `path` is for messages. */
export type GraphFile = { path: string; bytes: Uint8Array };

type Names = { inputs: readonly string[]; outputs: readonly string[] };
type Options = { provider: ProviderName; intraOpThreads: number; openSession: OpenSession };

const scoreNames: Names = { inputs: ['ids', 'targets'], outputs: ['logProbability'] };
const explainNames: Names = { inputs: ['ids', 'rows', 'top'], outputs: ['topIds', 'topLogProbability'] };

export class Graphs {
  readonly provider: ProviderName;
  readonly #score: Session;
  readonly #explain: Session;

  private constructor(provider: ProviderName, score: Session, explain: Session) {
    this.provider = provider;
    this.#score = score;
    this.#explain = explain;
  }

  /** Throws MODEL_INVALID, naming the file, where a file is no such graph; PROVIDER_FAILED where another provider than the CPU cannot open it. */
  static async open(files: { score: GraphFile; explain: GraphFile }, options: Options): Promise<Graphs> {
    const score = await open(files.score, scoreNames, options);
    try {
      return new Graphs(options.provider, score, await open(files.explain, explainNames, options));
    } catch (error) {
      await score.release();
      throw error;
    }
  }

  /** `ids` and `targets` are [B,T]; returns natural log-probabilities [B*T]. Throws PROVIDER_FAILED where a provider cannot answer. */
  async logProbabilities(ids: BigInt64Array, targets: BigInt64Array, B: number, T: number): Promise<Float32Array> {
    const { logProbability } = await this.#run(this.#score, {
      ids: new ort.Tensor('int64', ids, [B, T]),
      targets: new ort.Tensor('int64', targets, [B, T]),
    });
    return this.#floats(logProbability);
  }

  /** The `top` most probable next tokens after each of `rows` of `ids` [1,T]. */
  async mostProbable(
    ids: BigInt64Array,
    rows: BigInt64Array,
    top: number,
  ): Promise<{ ids: BigInt64Array; logProbability: Float32Array }> {
    const { topIds, topLogProbability } = await this.#run(this.#explain, {
      ids: new ort.Tensor('int64', ids, [1, ids.length]),
      rows: new ort.Tensor('int64', rows, [rows.length]),
      top: new ort.Tensor('int64', BigInt64Array.of(BigInt(top)), [1]),
    });
    if (!(topIds?.data instanceof BigInt64Array)) throw new Error('topIds is not a tensor of int64');
    return { ids: topIds.data, logProbability: this.#floats(topLogProbability) };
  }

  async release(): Promise<void> {
    await this.#score.release();
    await this.#explain.release();
  }

  async #run(session: Session, feeds: Record<string, ort.Tensor>): Promise<ort.InferenceSession.OnnxValueMapType> {
    try {
      return await session.run(feeds);
    } catch (error) {
      throw this.provider === 'cpu' ? error : providerFailed(error);
    }
  }

  #floats(tensor: ort.OnnxValue | undefined): Float32Array {
    if (!tensor || !('data' in tensor) || !(tensor.data instanceof Float32Array))
      throw new Error('the answer is not a tensor of float32');
    // A device that was lost may answer with what its memory held.
    if (this.provider !== 'cpu' && !tensor.data.every(Number.isFinite))
      throw providerFailed('it answered with something other than numbers');
    return tensor.data;
  }
}

/** A provider that can no longer be relied on. The message is its reason alone: whoever shows it knows the provider. */
function providerFailed(error: unknown): AppError {
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError('PROVIDER_FAILED', reason, { cause: error });
}

async function open(file: GraphFile, names: Names, options: Options): Promise<Session> {
  const { provider, intraOpThreads, openSession } = options;
  let session: Session;
  try {
    session = await openSession(file.bytes, provider, intraOpThreads);
  } catch (error) {
    if (provider !== 'cpu') throw providerFailed(error);
    throw new AppError('MODEL_INVALID', `${file.path} cannot be loaded: ${String(error)}`, { cause: error });
  }
  const same = (a: readonly string[], b: readonly string[]): boolean =>
    a.length === b.length && a.every((name) => b.includes(name));
  if (same(session.inputNames, names.inputs) && same(session.outputNames, names.outputs)) return session;
  await session.release();
  throw new AppError(
    'MODEL_INVALID',
    `${file.path} is an ONNX model, but not a ${basename(file.path, '.onnx')} model of Surprisal.`,
  );
}
