/**
 * @file What time it is in a log: the median of the stamps around a line, so that a few forged or stray ones move nothing, and a real
 * silence counts from the first line after it.
 */

const window = 9;

export class LogClock {
  /** The time after `advance` is that of the line so many lines before. */
  static readonly lag = (window - 1) / 2;
  readonly #stamps: number[] = [];

  /** Takes the stamp of the next line, milliseconds UTC; null where it has none. */
  advance(stamp: number | null): void {
    if (stamp === null) return;
    this.#stamps.push(stamp);
    if (this.#stamps.length > window) this.#stamps.shift();
  }

  /** Null before the first stamp. */
  get now(): number | null {
    const sorted = Float64Array.from(this.#stamps).sort();
    return sorted[sorted.length >> 1] ?? null;
  }
}
