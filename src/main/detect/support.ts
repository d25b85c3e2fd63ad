/**
 * @file How well known kinds and pairs of kinds are: in how many stretches of sessions the training part had them. One burst, and one copy of an
 * attack, count once. What is known little is nearly as surprising as what is not known at all, so that no copy makes it normal.
 */
import { IntegerMap } from './integerMap.ts';

/** Counts each key once a stretch. */
export class SupportCounter {
  readonly counts = new IntegerMap();
  readonly #lastStretch = new IntegerMap();
  #stretch = 0;

  beginStretch(): void {
    this.#stretch++;
  }

  add(key: number): void {
    if (this.#lastStretch.get(key) === this.#stretch) return;
    this.#lastStretch.set(key, this.#stretch);
    this.counts.add(key, 1);
  }

  get stretches(): number {
    return this.#stretch;
  }
}

/** Bits of something that `support` of `total` stretches had, where `news` others were met that hardly any had: new things are no surprise where much is new. */
export function rarityBits(support: number, news: number, total: number): number {
  return Math.max(0, -Math.log2((support + news + 1) / (total + news + 1)));
}
