/** @file Rows of an embedding table for tokens that were added: near the mean of the others, told apart by a little noise. */
import { createRandom } from '../train/random.ts';

const stream = 100;
/**
 * A share of the deviation of each column. At the mean a new token is neither probable nor improbable; the noise lets training tell the new
 * tokens apart from its first step.
 */
const noiseShare = 0.01;

/** Mean and deviation of the columns of a table that is read in pieces which need not end with a row. */
export class ColumnStatistics {
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  #elements = 0;

  constructor(width: number) {
    this.#sums = new Float64Array(width);
    this.#squares = new Float64Array(width);
  }

  add(values: Float32Array): void {
    const width = this.#sums.length;
    let column = this.#elements % width;
    for (const value of values) {
      this.#sums[column] = (this.#sums[column] ?? 0) + value;
      this.#squares[column] = (this.#squares[column] ?? 0) + value * value;
      if (++column === width) column = 0;
    }
    this.#elements += values.length;
  }

  /** The same rows for the same seed. */
  rows(count: number, seed: number): Float32Array {
    const width = this.#sums.length;
    const rowsSeen = this.#elements / width;
    const random = createRandom(seed);
    return Float32Array.from({ length: count * width }, (_, i) => {
      const mean = (this.#sums[i % width] ?? 0) / rowsSeen;
      const variance = Math.max(0, (this.#squares[i % width] ?? 0) / rowsSeen - mean * mean);
      return mean + noiseShare * Math.sqrt(variance) * random.normal(stream, i);
    });
  }
}
