/** @file Loss of the current parameters on held-out pieces: forward only, any batch shape in one session. */
import type * as ort from 'onnxruntime-node';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { buildTrainingGraph } from '../gpt2/graphs.ts';
import { allocateBatch, fillBatch } from './batches.ts';
import type { PieceSet } from './pieces.ts';
import { createSession, tensorView } from './session.ts';

const batchTokens = 4096;

export class Evaluator {
  readonly #session: ort.InferenceSession;
  readonly #lossName: string;

  private constructor(session: ort.InferenceSession, lossName: string) {
    this.#session = session;
    this.#lossName = lossName;
  }

  static async create(shape: KeyModelShape, intraOpThreads: number): Promise<Evaluator> {
    const graph = buildTrainingGraph(shape, 'B', 'T', false);
    return new Evaluator(await createSession(graph.model, intraOpThreads), graph.lossName);
  }

  /** Mean bits per prediction over `pieces`, each weighing as often as it occurs. `checkpoint` is called between batches and may throw. */
  async bits(pieces: PieceSet, parameters: Record<string, ort.Tensor>, checkpoint: () => void): Promise<number> {
    const lengths = pieces.counts.map(
      (_, piece) => (pieces.offsets[piece + 1] ?? 0) - (pieces.offsets[piece] ?? 0) - 1,
    );
    const order = Int32Array.from(lengths.keys()).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
    const weights = Float64Array.from(pieces.counts);
    let nats = 0;
    for (let at = 0; at < order.length;) {
      let B = 1;
      while (at + B < order.length && (B + 1) * (lengths[order[at + B] ?? 0] ?? 0) <= batchTokens) B++;
      const entries = order.subarray(at, at + B);
      const T = lengths[entries.at(-1) ?? 0] ?? 0;
      const arrays = allocateBatch(B, T);
      fillBatch(arrays, T, pieces, entries, weights, (_row, _position, id) => id);
      const { ids, targets } = arrays;
      const feeds = {
        ids: tensorView(ids, [B, T]),
        targets: tensorView(targets, [B, T]),
        weights: tensorView(arrays.weights, [B, T]),
      };
      const results = await this.#session.run({ ...parameters, ...feeds });
      nats += Number(results[this.#lossName]?.data[0]);
      checkpoint();
      at += B;
    }
    return nats / pieces.predictions / Math.LN2;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
