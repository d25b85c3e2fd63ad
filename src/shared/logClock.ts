/**
 * @file What time it is in a log: the median of the stamps around a line, so that a few forged or stray ones move nothing, and a real
 * silence counts from the first line after it.
 */

const window = 9;

export class LogClock {
  /** The time after `advance` is that of the line so many lines before. */
  static readonly lag = (window - 1) / 2;
  readonly #stamps: number[] = [];
  readonly #sorted: number[] = [];

  /** Takes the stamp of the next line, milliseconds UTC; null where it has none. */
  advance(stamp: number | null): void {
    if (stamp === null) return;
    if (this.#stamps.length === window) this.#sorted.splice(this.#sorted.indexOf(this.#stamps.shift() ?? 0), 1);
    this.#stamps.push(stamp);
    let place = this.#sorted.length;
    while (place > 0 && (this.#sorted[place - 1] ?? 0) > stamp) place--;
    this.#sorted.splice(place, 0, stamp);
  }

  /** Whether there were enough stamps for one to be set beside the others. */
  get isSet(): boolean {
    return this.#stamps.length === window;
  }

  /** Null before the first stamp. */
  get now(): number | null {
    return this.#sorted[this.#sorted.length >> 1] ?? null;
  }
}
