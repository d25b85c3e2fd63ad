/** @file A text model that came as one graph, `input_ids` to `logits`: all logits come back, and their logarithms are taken here. CPU. */
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { textModelFiles, type TextGraphShape } from '../../shared/textModels.ts';
import type { KeyModelShape } from '../../shared/trainerProtocol.ts';
import { Batcher, setBits } from './batcher.ts';
import { batchTokens } from './model.ts';
import { PieceCache } from './pieceCache.ts';
import { floatsOf, openTextSession } from './textSession.ts';

export class TextGraph {
  readonly shape: KeyModelShape;
  readonly cache = new PieceCache();
  readonly batcher: Batcher = new Batcher(this, (pieces) => setBits(this, pieces));
  readonly batchTokens: number;
  readonly #session: ort.InferenceSession;

  private constructor(
    { contextLength, predictedTokens }: TextGraphShape,
    threads: number,
    session: ort.InferenceSession,
  ) {
    // What is inside the graph is not known, and only the size of its logits counts here.
    this.shape = { layers: 1, heads: 1, width: 1, contextLength, vocabularySize: predictedTokens };
    this.batchTokens = batchTokens('cpu', threads);
    this.#session = session;
  }

  /** Throws MODEL_INVALID, naming the file. */
  static async load(directory: string, shape: TextGraphShape, intraOpThreads: number): Promise<TextGraph> {
    const session = await openTextSession(join(directory, textModelFiles.graph), intraOpThreads);
    return new TextGraph(shape, intraOpThreads, session);
  }

  /** `ids` and `targets` are [B,T]; returns natural log-probabilities [B*T]. */
  async logProbabilities(ids: BigInt64Array, targets: BigInt64Array, B: number, T: number): Promise<Float32Array> {
    const { vocabularySize: V } = this.shape;
    const logits = await this.#logits(ids, B, T);
    return Float32Array.from(targets, (target, row) => {
      const values = logits.subarray(row * V, (row + 1) * V);
      return (values[Number(target)] ?? NaN) - logSumExp(values);
    });
  }

  async nextLogits(ids: BigInt64Array): Promise<Float32Array> {
    return (await this.#logits(ids, 1, ids.length)).slice(-this.shape.vocabularySize);
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  async #logits(ids: BigInt64Array, B: number, T: number): Promise<Float32Array> {
    const { logits } = await this.#session.run({ input_ids: new ort.Tensor('int64', ids, [B, T]) });
    return floatsOf(logits);
  }
}

function logSumExp(values: Float32Array): number {
  const largest = values.reduce((max, value) => Math.max(max, value), -Infinity);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}
