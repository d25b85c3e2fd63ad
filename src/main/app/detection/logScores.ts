/** @file What the detectors of the log's order and of lines say of a source's events, page by page; a row waits until the event's session is judged. */
import type { StreamPage, StreamScorer } from '../../detect/detector.ts';
import { kindKey, severityOfKind, templateOfKind } from '../../learn/keyTable.ts';
import type { Detection } from './detection.ts';
import type { Columns } from './judge.ts';
import { VersionNews } from './kindVersions.ts';
import type { PageScores } from './lineScores.ts';
import { ScorePool } from './scorePool.ts';

export type LogDetection = Pick<Detection, 'set' | 'readLines' | 'vocabulary' | 'versions'>;

export class LogScores {
  readonly #detection: LogDetection;
  readonly #scorers: readonly StreamScorer[];
  readonly #lines: PageScores;
  readonly #news: VersionNews;
  /** Behind the detectors' scores, whether the event is judged as the kind that its own is a version of. */
  readonly #pool: ScorePool;

  /** `eventCount` of the source. */
  constructor(detection: LogDetection, eventCount: number) {
    const { set, readLines, vocabulary } = detection;
    this.#detection = detection;
    this.#news = new VersionNews(vocabulary);
    this.#scorers = set.stream.map((open) => open());
    this.#lines = readLines(eventCount);
    this.#pool = new ScorePool(set.stream.length + set.lines.length + 1);
  }

  /** Row numbers of the next page's events. Pages come in order. What throws has changed nothing. */
  async score(page: StreamPage, signal: AbortSignal): Promise<Int32Array> {
    await this.#detection.versions?.read(page.templateIndexes, signal);
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
    const last = this.#scorers.length + lineColumns.length;
    for (let i = 0; i < count; i++) {
      const [template, severity] = [page.templateIndexes[i] ?? 0, page.severities[i] ?? -1];
      const isOwn = this.#news.next(template, severity) === kindKey(template, severity);
      this.#pool.set(rows[i] ?? 0, last, isOwn ? 0 : 1);
    }
    return rows;
  }

  /** As which an event of this kind is judged: as the one that it is a version of, where that was news before. */
  judgedKind(row: number, kind: number): number {
    const { set, vocabulary } = this.#detection;
    if (this.#pool.get(row, set.stream.length + set.lines.length) !== 1) return kind;
    return vocabulary.knownKind(templateOfKind(kind), severityOfKind(kind));
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
