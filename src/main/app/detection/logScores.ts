/** @file What the detectors of the log's order say of a source's events, page by page; a row waits until the event's session is judged. */
import type { StreamPage, StreamScorer } from '../../detect/detector.ts';
import type { DetectorSet } from './detectorSet.ts';
import type { Columns } from './judge.ts';
import { ScorePool } from './scorePool.ts';

export class LogScores {
  readonly #scorers: readonly StreamScorer[];
  readonly #pool: ScorePool;

  constructor(set: DetectorSet) {
    this.#scorers = set.stream.map((open) => open());
    this.#pool = new ScorePool(this.#scorers.length);
  }

  /** Row numbers of the next page's events. Pages come in order. */
  score(page: StreamPage): Int32Array {
    const count = page.eventIds.length;
    const rows = Int32Array.from({ length: count }, () => this.#pool.take());
    const column = new Float32Array(count);
    this.#scorers.forEach((scorer, detector) => {
      column.fill(Number.NaN);
      scorer.score(page, column);
      for (let i = 0; i < count; i++) this.#pool.set(rows[i] ?? 0, detector, column[i] ?? Number.NaN);
    });
    return rows;
  }

  /** Puts an event's scores into row `index` of the columns. */
  read(row: number, index: number, columns: Columns): void {
    for (const [detector, column] of columns.entries()) column[index] = this.#pool.get(row, detector);
  }

  /** Nobody asks for the row again. */
  giveBack(row: number): void {
    this.#pool.giveBack(row);
  }
}
