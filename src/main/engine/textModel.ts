/** @file One loaded GPT-2 model over text: its graphs over the weights file, with logits cut into pieces that fit. Engine, CPU only so far. */
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { AppError } from '../../shared/errors.ts';
import { textModelFiles, type TextModelShape } from '../../shared/textModels.ts';
import type { KeyModelShape } from '../../shared/trainerProtocol.ts';
import { Batcher, setBits } from './batcher.ts';
import { batchTokens } from './model.ts';
import { PieceCache } from './pieceCache.ts';
import { floatsOf, openTextSession } from './textSession.ts';

/** One piece of the logits; all logits of a full context of GPT-2 would be 206 MB. */
const largestLogitsBytes = 64 * 1024 * 1024;

export class TextModel {
  /** As scoring sees it: what is not predicted is no token yet. */
  readonly shape: KeyModelShape;
  readonly cache = new PieceCache();
  readonly batcher: Batcher = new Batcher(this, (pieces) => setBits(this, pieces));
  readonly batchTokens: number;
  readonly #body: ort.InferenceSession;
  readonly #head: ort.InferenceSession;
  readonly #next: ort.InferenceSession;

  private constructor(
    shape: TextModelShape,
    intraOpThreads: number,
    sessions: readonly [ort.InferenceSession, ort.InferenceSession, ort.InferenceSession],
  ) {
    this.shape = { ...shape, vocabularySize: shape.predictedTokens };
    this.batchTokens = batchTokens('cpu', intraOpThreads);
    [this.#body, this.#head, this.#next] = sessions;
  }

  /** Throws MODEL_INVALID, naming the file. */
  static async load(directory: string, shape: TextModelShape, intraOpThreads: number): Promise<TextModel> {
    const opened: ort.InferenceSession[] = [];
    const open = async (name: string): Promise<ort.InferenceSession> => {
      const session = await openTextSession(join(directory, name), intraOpThreads);
      opened.push(session);
      return session;
    };
    try {
      const sessions = [
        await open(textModelFiles.body),
        await open(textModelFiles.head),
        await open(textModelFiles.next),
      ] as const;
      const model = new TextModel(shape, intraOpThreads, sessions);
      await model.#probe(directory);
      return model;
    } catch (error) {
      await Promise.all(opened.map((session) => session.release()));
      throw error;
    }
  }

  /** `ids` and `targets` are [B,T]; returns natural log-probabilities [B*T]. */
  async logProbabilities(ids: BigInt64Array, targets: BigInt64Array, B: number, T: number): Promise<Float32Array> {
    const { width: C, vocabularySize: V } = this.shape;
    const hidden = await this.#hidden(ids, B, T);
    const result = new Float32Array(B * T);
    const rows = Math.max(1, Math.floor(largestLogitsBytes / 4 / V));
    for (let from = 0; from < B * T; from += rows) {
      const to = Math.min(B * T, from + rows);
      const { logProbability } = await this.#head.run({
        hidden: new ort.Tensor('float32', hidden.subarray(from * C, to * C), [to - from, C]),
        targets: new ort.Tensor('int64', targets.subarray(from, to), [to - from, 1]),
      });
      result.set(floatsOf(logProbability), from);
    }
    return result;
  }

  /** Logits of what comes after `ids`, which are not more than the context. */
  async nextLogits(ids: BigInt64Array): Promise<Float32Array> {
    const { width: C } = this.shape;
    const hidden = await this.#hidden(ids, 1, ids.length);
    const last = hidden.subarray(hidden.length - C);
    const { logits } = await this.#next.run({ hidden: new ort.Tensor('float32', last, [1, C]) });
    return floatsOf(logits);
  }

  async release(): Promise<void> {
    await Promise.all([this.#body.release(), this.#head.release(), this.#next.release()]);
  }

  async #hidden(ids: BigInt64Array, B: number, T: number): Promise<Float32Array> {
    const { hidden } = await this.#body.run({ ids: new ort.Tensor('int64', ids, [B, T]) });
    return floatsOf(hidden);
  }

  /** Graphs that open may still not fit their shape: ask all three about the last id. */
  async #probe(directory: string): Promise<void> {
    const { vocabularySize: V } = this.shape;
    const ids = new BigInt64Array(2).fill(BigInt(V - 1));
    try {
      const [logProbabilities, logits] = [await this.logProbabilities(ids, ids, 1, 2), await this.nextLogits(ids)];
      if (logits.length === V && logProbabilities.every((value) => value < 1e-3)) return;
    } catch (error) {
      throw new AppError('MODEL_INVALID', `The graphs in ${directory} do not fit their shape: ${String(error)}`, {
        cause: error,
      });
    }
    throw new AppError('MODEL_INVALID', `The graphs in ${directory} answer with something other than predictions.`);
  }
}
