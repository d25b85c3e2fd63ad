/**
 * @file What the detectors of the log's order and of lines say of a source's last events, while it grows. Sessions ask for it again: at their end, and when
 * they come back into memory.
 */
import { streamHistoryEvents, type StreamPage } from '../../detect/detector.ts';
import type { Columns } from './judge.ts';
import { LogScores, type LogDetection } from './logScores.ts';

export class LiveLog {
  readonly #scores: LogScores;
  /** Rows by event, the last so many. */
  readonly #rows = new Map<number, number>();

  constructor(detection: LogDetection) {
    this.#scores = new LogScores(detection, Infinity);
  }

  /** Pages come in order; the first are those before what is judged, as many as detectors look back to. */
  async score(page: StreamPage, signal: AbortSignal): Promise<void> {
    const rows = await this.#scores.score(page, signal);
    page.eventIds.forEach((eventId, index) => this.#rows.set(eventId, rows[index] ?? 0));
    let spare = this.#rows.size - streamHistoryEvents;
    for (const [eventId, row] of this.#rows) {
      if (spare-- <= 0) break;
      this.#rows.delete(eventId);
      this.#scores.giveBack(row);
    }
  }

  /** As which an event of this kind is judged; as itself where it is too long ago. */
  judgedKind(eventId: number, kind: number): number {
    const row = this.#rows.get(eventId);
    return row === undefined ? kind : this.#scores.judgedKind(row, kind);
  }

  /** Puts an event's scores into row `index` of the columns; NaN for one that is too long ago. */
  fill(eventId: number, index: number, columns: Columns): void {
    const row = this.#rows.get(eventId);
    if (row === undefined) for (const column of columns) column[index] = Number.NaN;
    else this.#scores.read(row, index, columns);
  }
}
