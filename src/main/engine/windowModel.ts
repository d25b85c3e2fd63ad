/** @file A loaded classifier of windows, and what it says of the window up to each event of many sequences: equal windows are asked about once. Engine. */
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { windowTokens } from '../../shared/classify.ts';
import { AppError } from '../../shared/errors.ts';
import { classifierShape } from '../../shared/recipes.ts';
import type { SequenceSet } from '../../shared/sequences.ts';
import { Batcher, type Batched, type Piece } from './batcher.ts';
import { batchTokens, type EngineOptions } from './model.ts';
import { readModelFile } from './modelFiles.ts';
import { PieceCache, pieceKey } from './pieceCache.ts';
import type { Session } from './session.ts';

export const classifierFile = 'classify.onnx';

export class WindowModel implements Batched {
  /** Of the graph as far as batches are cut by it: it has one output a window, and the attention of a few events. */
  readonly shape = { vocabularySize: 1, heads: classifierShape.heads };
  readonly cache = new PieceCache();
  readonly batcher: Batcher;
  readonly batchTokens: number;
  readonly #session: Session;
  readonly #path: string;

  private constructor(session: Session, path: string, intraOpThreads: number) {
    this.#session = session;
    this.#path = path;
    this.batchTokens = batchTokens('cpu', intraOpThreads);
    this.batcher = new Batcher(this, (pieces) => this.#compute(pieces));
  }

  /** Throws MODEL_INVALID, naming the file. */
  static async load(directory: string, { openSession, intraOpThreads }: EngineOptions): Promise<WindowModel> {
    const path = join(directory, classifierFile);
    const bytes = await readModelFile(path);
    const session = await openSession(bytes, 'cpu', intraOpThreads).catch((error: unknown) => refuse(path, error));
    return new WindowModel(session, path, intraOpThreads);
  }

  /** `ids`: [B,length]. */
  async logits(ids: BigInt64Array, length: number): Promise<Float32Array> {
    const input = new ort.Tensor('int64', ids, [ids.length / length, length]);
    try {
      return floatsOf(await this.#session.run({ ids: input }, ['logit']), 'logit');
    } catch (error) {
      return refuse(this.#path, error);
    }
  }

  /**
   * Aligned with the ids: of the last `length` tokens up to each, what is not there padded. NaN where padding stands itself, which is no event.
   * Throws CANCELLED between batches.
   */
  async logitsAlong({ ids, offsets }: SequenceSet, length: number, signal: AbortSignal): Promise<Float32Array> {
    const pieces = new Map<string, Piece>();
    const uses: (Piece | undefined)[] = new Array<Piece | undefined>(ids.length);
    const window = new Int32Array(length);
    for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
      window.fill(windowTokens.padding);
      for (let at = offsets[sequence] ?? 0; at < (offsets[sequence + 1] ?? 0); at++) {
        const token = ids[at] ?? windowTokens.padding;
        window.copyWithin(0, 1);
        window[length - 1] = token;
        if (token === windowTokens.padding) continue;
        const key = pieceKey(window);
        let piece = pieces.get(key);
        if (!piece) {
          piece = { key, ids: window.slice(), bits: this.cache.get(key), sequencesEnded: 0 };
          pieces.set(key, piece);
        }
        uses[at] = piece;
      }
    }
    const fresh = [...pieces.values()].filter(({ bits }) => bits === undefined);
    await this.batcher.run(fresh, { signal, onBits: () => undefined });
    return Float32Array.from(uses, (piece) => piece?.bits?.[0] ?? Number.NaN);
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  /** All pieces of a classifier are as long as its windows. */
  async #compute(pieces: readonly Piece[]): Promise<void> {
    const [first] = pieces;
    if (!first) return;
    const { length } = first.ids;
    const ids = new BigInt64Array(pieces.length * length);
    // The low words of 64-bit numbers, which are little-endian as all platforms of ONNX Runtime are.
    const words = new Int32Array(ids.buffer);
    pieces.forEach((piece, row) => {
      for (let t = 0; t < length; t++) words[2 * (row * length + t)] = piece.ids[t] ?? 0;
    });
    const logits = await this.logits(ids, length);
    pieces.forEach((piece, row) => {
      piece.bits = logits.slice(row, row + 1);
      this.cache.set(piece.key, piece.bits);
    });
  }
}

export function floatsOf(answer: ort.InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const tensor = answer[name];
  if (tensor && 'data' in tensor && tensor.data instanceof Float32Array) return tensor.data;
  throw new Error(`it has no ${name}`);
}

function refuse(path: string, error: unknown): never {
  if (error instanceof AppError) throw error;
  throw new AppError('MODEL_INVALID', `${path} is no classifier of such windows: ${String(error)}`, { cause: error });
}
