/** @file Counts of the last minutes, by key: of an event that comes, how many of its key there are with it. Bounded by events as well as by time. */
import { recentEvents } from './recency.ts';

export class SlidingCounts {
  readonly #windowMs: number;
  readonly #counts = new Map<string, number>();
  readonly #events: { key: string; at: number; place: number }[] = [];
  #first = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Counts one more. `now` is the log's own time; places go up. */
  add(key: string, now: number, place: number): number {
    for (; this.#first < this.#events.length; this.#first++) {
      const oldest = this.#events[this.#first];
      // Half of what warms up: what was told of a count looks as far back again.
      if (!oldest || (now - oldest.at < this.#windowMs && place - oldest.place < recentEvents)) break;
      const left = (this.#counts.get(oldest.key) ?? 0) - 1;
      if (left > 0) this.#counts.set(oldest.key, left);
      else this.#counts.delete(oldest.key);
    }
    if (this.#first > recentEvents) {
      this.#events.splice(0, this.#first);
      this.#first = 0;
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    this.#events.push({ key, at: now, place });
    return count;
  }
}
