/** @file A seeded generator of random numbers (sfc32, Doty-Humphrey) and what is drawn from them. Same seed, same numbers, on any machine. */

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    this.#c = 0x9e37_79b9 | 0;
    for (let round = 0; round < 15; round++) this.#draw();
  }

  #draw(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** In [0, 1). */
  share(): number {
    return this.#draw() / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.share() < probability;
  }

  /** A number in [from, to). */
  between(from: number, to: number): number {
    return from + this.share() * (to - from);
  }

  /** An integer in [from, to]. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.share() * (to - from + 1));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.share() * items.length)];
    if (item === undefined) throw new Error('Nothing to pick from.');
    return item;
  }

  /** Index drawn by cumulative weights (`cumulate`). */
  weighted(cumulative: readonly number[]): number {
    const target = this.share() * (cumulative[cumulative.length - 1] ?? 0);
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** An integer with this mean: its whole part, and one more with the chance of its fraction. */
  around(mean: number): number {
    const spread = mean * this.between(0.8, 1.2);
    return Math.floor(spread) + (this.chance(spread - Math.floor(spread)) ? 1 : 0);
  }
}

export function cumulate(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}

/** Zipf weights of `count` items: 1, 1/2, 1/3, … */
export function zipfWeights(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 1 / (index + 1));
}
