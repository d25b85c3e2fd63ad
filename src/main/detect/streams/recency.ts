/**
 * @file Whether something was said or seen lately, so that a finding is told once and not with each of its lines. Looks no further back than a
 * following that was begun again warms up by.
 */
import { streamHistoryEvents } from '../detector.ts';

/** Events behind which something is news again. */
export const recentEvents = streamHistoryEvents / 2;

export class Recency<Key> {
  /** Key → place of the event, the one seen longest ago first. */
  readonly #seen = new Map<Key, number>();
  readonly #events: number;

  constructor(events = recentEvents) {
    this.#events = events;
  }

  /** True where `key` was not seen in the last events before `place`; it is seen now. Places go up. */
  isNews(key: Key, place: number): boolean {
    for (const [old, seenAt] of this.#seen) {
      if (place - seenAt < this.#events) break;
      this.#seen.delete(old);
    }
    const isNews = !this.#seen.delete(key);
    this.#seen.set(key, place);
    return isNews;
  }
}
