/** @file The sequences taken as normal: drawn as often as they occur, to hold the model to what it said of them, and to tell its drift. */
import { predictionsOf } from '../train/batches.ts';
import type { PieceSet } from '../train/pieces.ts';
import { randomStreams, type Random } from '../train/random.ts';
import type { AlignModel } from './model.ts';

const mostForDrift = 512;

export class Normals {
  readonly pieces: PieceSet;
  readonly #random: Random;
  /** Counts summed up: a draw is a place in the last of them. */
  readonly #cumulative: Float64Array;

  constructor(pieces: PieceSet, random: Random) {
    this.pieces = pieces;
    this.#random = random;
    let sum = 0;
    this.#cumulative = Float64Array.from(pieces.counts, (count) => (sum += count));
  }

  /** `size` pieces; `counter` tells the draws apart. */
  draw(size: number, counter: number): Int32Array {
    const total = this.#cumulative.at(-1) ?? 0;
    return Int32Array.from({ length: size }, (_, i) => {
      const place = this.#random.uniform(randomStreams.replay, counter, i) * total;
      let [low, high] = [0, this.#cumulative.length - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((this.#cumulative[middle] ?? 0) > place) high = middle;
        else low = middle + 1;
      }
      return low;
    });
  }

  /** Adds `likelihood` times the mean surprise of the pieces and `closeness` times their mean divergence from the reference. */
  async hold(model: AlignModel, entries: Int32Array, likelihood: number, closeness: number): Promise<void> {
    const predictions = entries.reduce((sum, piece) => sum + predictionsOf(this.pieces, piece), 0);
    for (const { batch, arrays } of model.batches(this.pieces, entries)) {
      const close = new Float32Array(arrays.weights.length);
      batch.entries.forEach((piece, row) => {
        const [from, to] = [row * batch.T, row * batch.T + predictionsOf(this.pieces, piece)];
        arrays.weights.fill(likelihood / predictions, from, to);
        close.fill(closeness / predictions, from, to);
      });
      await model.addHeldLoss(batch, arrays, close);
    }
  }

  /** Mean surprise of a fixed sample now, over that under the reference, less 1. */
  async drift(model: AlignModel): Promise<number> {
    const sample = this.draw(mostForDrift, 0);
    const total = async (parameters: AlignModel['current']): Promise<number> => {
      const found = await model.surprises(parameters, this.pieces, sample);
      let sum = 0;
      for (const piece of sample) sum += found.get(piece)?.reduce((a, b) => a + b, 0) ?? 0;
      return sum;
    };
    return (await total(model.current)) / (await total(model.reference)) - 1;
  }
}
