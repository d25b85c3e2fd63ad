/** @file How much one token may send: a bucket each, which fills at a steady rate and holds a second's worth. */

export class RateLimit {
  readonly #now: () => number;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /** `now` in milliseconds of a clock that is never set. */
  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Takes so many and gives 0; where there are not as many takes none, and gives the seconds until there are. */
  take(tokenId: string, count: number): number {
    const now = this.#now();
    let bucket = this.#buckets.get(tokenId);
    if (!bucket) this.#buckets.set(tokenId, (bucket = { left: this.#most, at: now }));
    bucket.left = Math.min(this.#most, bucket.left + ((now - bucket.at) / 1000) * this.#perSecond);
    bucket.at = now;
    if (bucket.left < Math.min(count, this.#most)) return (Math.min(count, this.#most) - bucket.left) / this.#perSecond;
    bucket.left -= count;
    return 0;
  }

  forget(tokenId: string): void {
    this.#buckets.delete(tokenId);
  }

  /** The largest batch fits always, or it would wait forever. */
  get #most(): number {
    return Math.max(1000, this.#perSecond);
  }
}
