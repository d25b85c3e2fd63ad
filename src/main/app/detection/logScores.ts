/** @file What the detectors of the log's order and of lines say of a source's events, page by page; a row waits until the event's session is judged. */
import type { StreamPage, StreamScorer } from '../../detect/detector.ts';
import type { Detection } from './detection.ts';
import type { Columns } from './judge.ts';
import type { PageScores } from './lineScores.ts';
import { ScorePool } from './scorePool.ts';

export class LogScores {
  readonly #scorers: readonly StreamScorer[];
  readonly #lines: PageScores;
  readonly #pool: ScorePool;

  /** `eventCount` of the source. */
  constructor({ set, readLines }: Pick<Detection, 'set' | 'readLines'>, eventCount: number) {
    this.#scorers = set.stream.map((open) => open());
    this.#lines = readLines(eventCount);
    this.#pool = new ScorePool(set.stream.length + set.lines.length);
  }

  /** Row numbers of the next page's events. Pages come in order. What throws has changed nothing. */
  async score(page: StreamPage, signal: AbortSignal): Promise<Int32Array> {
    const lineColumns = await this.#lines.score(page, signal);
    const count = page.eventIds.length;
    const rows = Int32Array.from({ length: count }, () => this.#pool.take());
    const column = new Float32Array(count);
    this.#scorers.forEach((scorer, detector) => {
      column.fill(Number.NaN);
      scorer.score(page, column);
      for (let i = 0; i < count; i++) this.#pool.set(rows[i] ?? 0, detector, column[i] ?? Number.NaN);
    });
    lineColumns.forEach((own, line) => {
      for (let i = 0; i < count; i++) this.#pool.set(rows[i] ?? 0, this.#scorers.length + line, own[i] ?? Number.NaN);
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
