/** @file What all session detectors say of one session, part by part, and how surprising its present stretch is as a whole. */
import { stretchEvents, type SessionPartView, type SessionScorer } from '../../detect/detector.ts';
import type { DetectorSet } from './detectorSet.ts';
import type { Columns } from './judge.ts';

export class SessionScores {
  readonly #scorers: readonly SessionScorer[];
  readonly #isWhole: boolean;
  #stretchBits = 0;
  #stretchCount = 0;

  /** `isWhole`: the session is one stretch, however long. */
  constructor(set: DetectorSet, isWhole: boolean) {
    this.#scorers = set.session.map((begin) => begin(isWhole));
    this.#isWhole = isWhole;
  }

  /**
   * Scores of the next part's events into the first columns, from row 0 on. `perplexities[i]` is 2 to the mean of the bits of the events of its
   * stretch so far; NaN without bits.
   */
  score(part: SessionPartView, columns: Columns, perplexities: Float32Array): void {
    const { count, bits, first, firstEvent } = part;
    this.#scorers.forEach((scorer, detector) => {
      const column = columns[detector]?.subarray(0, count);
      if (column) scorer.score(part, column.fill(Number.NaN));
    });
    for (let i = 0; i < count; i++) {
      if (!this.#isWhole && (firstEvent + i) % stretchEvents === 0) this.#stretchBits = this.#stretchCount = 0;
      this.#stretchBits += bits[first + i] ?? Number.NaN;
      perplexities[i] = 2 ** (this.#stretchBits / ++this.#stretchCount);
    }
  }
}
