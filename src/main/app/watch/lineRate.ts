/** @file Lines a second over the last few seconds. */

const windowMs = 5000;

export class LineRate {
  #samples: { lines: number; at: number }[] = [];

  /** `lines`: in all so far; `now` in milliseconds of a clock that is never set. */
  add(lines: number, now: number): void {
    this.#samples.push({ lines, at: now });
    // The one before the window stays: the rate is from it on.
    while ((this.#samples[1]?.at ?? Infinity) < now - windowMs) this.#samples.shift();
  }

  perSecond(now: number): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || now - last.at > windowMs) return 0;
    const elapsedMs = now - Math.max(first.at, now - 2 * windowMs);
    return elapsedMs < 500 ? 0 : Math.round(((last.lines - first.lines) / elapsedMs) * 1000);
  }
}
