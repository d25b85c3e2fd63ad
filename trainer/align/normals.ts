/** @file The sequences taken as normal: drawn as often as they occur, to hold the model to what it said of them, and to tell its drift. */
import { predictionsOf } from '../train/batches.ts';
import type { PieceSet } from '../train/pieces.ts';
import { randomStreams, type Random } from '../train/random.ts';
import type { AlignModel } from './model.ts';

const sequencesForDrift = 512;
/** Nats a prediction. A log that is more certain than this has no two per cent to speak of; its drift is told in this measure. */
const leastSurprise = 0.01;

export class Normals {
  readonly pieces: PieceSet;
  readonly #random: Random;
  /** Counts summed up: a draw is a place in the last of them. */
  readonly #cumulative: Float64Array;
  #referenceSurprise: number | undefined;

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
    const times = new Map<number, number>();
    for (const piece of entries) times.set(piece, (times.get(piece) ?? 0) + 1);
    for (const { batch, arrays } of model.batches(this.pieces, Int32Array.from(times.keys()))) {
      const close = new Float32Array(arrays.weights.length);
      batch.entries.forEach((piece, row) => {
        const [from, to] = [row * batch.T, row * batch.T + predictionsOf(this.pieces, piece)];
        const weight = (times.get(piece) ?? 0) / predictions;
        arrays.weights.fill(likelihood * weight, from, to);
        close.fill(closeness * weight, from, to);
      });
      await model.addHeldLoss(batch, arrays, close);
    }
  }

  /** Mean surprise of a fixed sample now, over that under the reference, less 1. */
  async drift(model: AlignModel): Promise<number> {
    this.#referenceSurprise ??= await this.#meanSurprise(model, model.reference);
    const gained = (await this.#meanSurprise(model, model.current)) - this.#referenceSurprise;
    return gained / Math.max(leastSurprise, this.#referenceSurprise);
  }

  /** Nats a prediction. */
  async #meanSurprise(model: AlignModel, parameters: AlignModel['current']): Promise<number> {
    const sample = this.draw(sequencesForDrift, 0);
    const found = await model.surprises(parameters, this.pieces, sample);
    let [nats, predictions] = [0, 0];
    for (const piece of sample) {
      const surprise = found.get(piece);
      nats += surprise?.reduce((sum, value) => sum + value, 0) ?? NaN;
      predictions += surprise?.length ?? 0;
    }
    return nats / predictions;
  }
}
