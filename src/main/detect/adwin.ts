/**
 * @file ADWIN (Bifet and Gavaldà, 2007): a window over a stream of numbers that is as long as its mean stays the same. When its older part differs
 * from the newer by more than chance allows, the older part is dropped, which is how an abrupt change is noticed. It holds the window
 * as an exponential histogram, O(log n) buckets.
 */

export type AdwinOptions = {
  /** Chance of a false alarm at a check. */
  delta: number;
  /** Checked every so many numbers. */
  clock: number;
  /** Buckets of one size before two are joined. */
  maxBuckets: number;
  /** The fewest numbers of a part that is compared. */
  minWindow: number;
  /** No check before the window has more numbers than this. */
  gracePeriod: number;
};

/** Those of river, which our figures are checked against. */
const defaults: AdwinOptions = { delta: 0.002, clock: 32, maxBuckets: 5, minWindow: 5, gracePeriod: 10 };

/** Sum of the numbers, and of their squared distances from their mean, over 2 ** level numbers. */
type Bucket = { total: number; variance: number };

/** What ADWIN is given: surprise in nats, bounded, as its test takes the numbers' variance for what it is. */
export function clippedSurprise(minusLog10P: number): number {
  return Math.min(10, Math.max(0, minusLog10P * Math.LN10));
}

export class Adwin {
  readonly #options: AdwinOptions;
  /** By level, the newest bucket last; a bucket of level l holds 2 ** l numbers. */
  #levels: Bucket[][] = [[]];
  #width = 0;
  #total = 0;
  #variance = 0;
  #ticks = 0;

  constructor(options: Partial<AdwinOptions> = {}) {
    this.#options = { ...defaults, ...options };
  }

  /** Numbers in the window. */
  get width(): number {
    return this.#width;
  }

  get mean(): number {
    return this.#width > 0 ? this.#total / this.#width : 0;
  }

  /** True: the stream has changed, and the window now holds what came after. */
  update(value: number): boolean {
    this.#insert(value);
    this.#ticks++;
    if (this.#ticks % this.#options.clock !== 0 || this.#width <= this.#options.gracePeriod) return false;
    let hasChanged = false;
    while (this.#findsChange()) {
      hasChanged = true;
      this.#dropOldest();
    }
    return hasChanged;
  }

  #insert(value: number): void {
    const levels = this.#levels;
    if (this.#width > 0) {
      const difference = value - this.#total / this.#width;
      this.#variance += (this.#width * difference * difference) / (this.#width + 1);
    }
    this.#width++;
    this.#total += value;
    levels[0]?.push({ total: value, variance: 0 });
    for (let level = 0; (levels[level]?.length ?? 0) > this.#options.maxBuckets; level++) {
      const [one, other] = levels[level]?.splice(0, 2) ?? [];
      if (!one || !other) break;
      const size = 2 ** level;
      const difference = (one.total - other.total) / size;
      const next = (levels[level + 1] ??= []);
      next.push({
        total: one.total + other.total,
        variance: one.variance + other.variance + (size / 2) * difference * difference,
      });
    }
  }

  /** Whether some cut divides the window into two parts whose means differ. */
  #findsChange(): boolean {
    const { minWindow, delta } = this.#options;
    let oldWidth = 0;
    let oldTotal = 0;
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const buckets = this.#levels[level] ?? [];
      for (const [index, bucket] of buckets.entries()) {
        // The newest number alone is no part.
        if (level === 0 && index === buckets.length - 1) return false;
        oldWidth += 2 ** level;
        oldTotal += bucket.total;
        const newWidth = this.#width - oldWidth;
        if (newWidth < minWindow + 1) return false;
        if (oldWidth < minWindow + 1) continue;
        const difference = Math.abs(oldTotal / oldWidth - (this.#total - oldTotal) / newWidth);
        if (difference > this.#bound(oldWidth, newWidth, delta)) return true;
      }
    }
    return false;
  }

  #bound(oldWidth: number, newWidth: number, delta: number): number {
    const { minWindow } = this.#options;
    const deltaPrime = Math.log((2 * Math.log(this.#width)) / delta);
    const inverse = 1 / (oldWidth - minWindow + 1) + 1 / (newWidth - minWindow + 1);
    const variance = this.#variance / this.#width;
    return Math.sqrt(2 * inverse * variance * deltaPrime) + (2 / 3) * deltaPrime * inverse;
  }

  #dropOldest(): void {
    const level = this.#levels.length - 1;
    const oldest = this.#levels[level]?.shift();
    if (!oldest) return;
    const size = 2 ** level;
    const rest = this.#width - size;
    if (rest > 0) {
      const difference = oldest.total / size - (this.#total - oldest.total) / rest;
      this.#variance -= oldest.variance + (size * rest * difference * difference) / this.#width;
    }
    this.#width = rest;
    this.#total -= oldest.total;
    while (this.#levels.length > 1 && this.#levels.at(-1)?.length === 0) this.#levels.pop();
  }
}
