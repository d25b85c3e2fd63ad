/** @file How fast something goes now, not on average since it began. */

const windowMs = 5000;
/** Finer than this nobody looks. */
const stepMs = 100;

export class RecentRate {
  /** Totals at moments of the window, the first one at or before its beginning. */
  readonly #totals: { at: number; total: number }[];

  constructor(now: number) {
    this.#totals = [{ at: now, total: 0 }];
  }

  add(amount: number, now: number): void {
    const last = this.#totals.at(-1);
    const total = (last?.total ?? 0) + amount;
    if (last && this.#totals.length > 1 && now - last.at < stepMs) last.total = total;
    else this.#totals.push({ at: now, total });
    while ((this.#totals[1]?.at ?? Infinity) <= now - windowMs) this.#totals.shift();
  }

  /** 0 where nothing came for a while. */
  perSecond(now: number): number {
    const [first] = this.#totals;
    const last = this.#totals.at(-1);
    if (!first || !last || now - last.at > windowMs) return 0;
    return ((last.total - first.total) / Math.max(1, now - first.at)) * 1000;
  }
}
