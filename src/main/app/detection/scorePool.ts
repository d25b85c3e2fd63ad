/** @file Rows of scores that wait for the rest of their event's: as many as wait at a time, whatever order they come and go in. */

export class ScorePool {
  readonly #width: number;
  #scores: Float32Array<ArrayBuffer>;
  readonly #free: number[] = [];
  #used = 0;

  constructor(width: number) {
    this.#width = width;
    this.#scores = new Float32Array(1024 * width);
  }

  /** A row's number. What stands in it is whoever had it before's. */
  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if ((this.#used + 1) * this.#width > this.#scores.length) {
      const larger = new Float32Array(2 * this.#scores.length);
      larger.set(this.#scores);
      this.#scores = larger;
    }
    return this.#used++;
  }

  set(row: number, column: number, score: number): void {
    this.#scores[row * this.#width + column] = score;
  }

  get(row: number, column: number): number {
    return this.#scores[row * this.#width + column] ?? Number.NaN;
  }

  giveBack(row: number): void {
    this.#free.push(row);
  }
}
