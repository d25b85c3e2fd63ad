/**
 * @file What every detector says of the events held back from training, as scoring would have it: the rows that calibration is fitted on, in the
 * order of the log.
 */
import { rowDoubt } from '../../../shared/rowDoubt.ts';
import {
  scoresWithin,
  streamHistoryEvents,
  type SessionPartView,
  type StreamPage,
  type TokenScores,
} from '../../detect/detector.ts';
import { recentEvents } from '../../detect/streams/recency.ts';
import { largestOfSessions, type DetectorColumn } from '../../detect/fusion.ts';
import type { CutTable, ScoredSession } from '../../learn/dataset.ts';
import { kindKey } from '../../learn/keyTable.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';
import type { DetectorSet } from './detectorSet.ts';
import { VersionNews } from './kindVersions.ts';
import type { PageScores } from './lineScores.ts';
import { SessionScores } from './sessionScores.ts';
import { pagesWithin, type TablePages } from './tablePages.ts';

/** A session of which something was held back, and where its tokens stand among those of all. */
export type HeldSession = { cut: CutTable; session: ScoredSession; start: number };

export type HeldRows = {
  columns: DetectorColumn[];
  /** `kindKey`s. */
  kinds: Float64Array;
  /** Number of the table that each is of. */
  tables: Int32Array;
  /** Of `rowDoubt`; of a session that of its events which says most. */
  doubt: Uint8Array;
  perplexities: Float64Array;
};

/** Events held back, in the order of the log. `pages` as they were learned from. */
export class HeldBack {
  readonly #cut: readonly CutTable[];
  readonly #set: DetectorSet;
  /** Row number of the first event held back of each table. */
  readonly #firstRows: readonly number[];
  readonly #rowCount: number;
  /** `kindKey`s as which the events held back are judged. */
  readonly #kinds: Float64Array;
  /** Of the detectors of the log's order, then of those of lines. */
  readonly #logColumns: Float32Array[];

  private constructor(
    cut: readonly CutTable[],
    { set, vocabulary }: { set: DetectorSet; vocabulary: Vocabulary },
    pages: readonly TablePages[] | null,
  ) {
    this.#cut = cut;
    this.#set = set;
    let rowCount = 0;
    this.#firstRows = cut.map(({ table, cuts }) => {
      const first = rowCount;
      rowCount += table.eventIds.length - cuts.validationEnd;
      return first;
    });
    this.#rowCount = rowCount;
    this.#kinds = new Float64Array(rowCount);
    cut.forEach(({ table: { templateIndexes, severities }, cuts: { validationEnd } }, index) => {
      const news = new VersionNews(vocabulary);
      const shift = (this.#firstRows[index] ?? 0) - validationEnd;
      for (let row = Math.max(0, validationEnd - recentEvents); row < templateIndexes.length; row++) {
        const kind = news.next(templateIndexes[row] ?? 0, severities[row] ?? -1);
        if (row >= validationEnd) this.#kinds[row + shift] = kind;
      }
    });
    this.#logColumns = [...set.stream, ...set.lines].map(() => new Float32Array(rowCount).fill(Number.NaN));
    cut.forEach(({ table, cuts: { validationEnd } }, index) => {
      const own = pages?.[index];
      if (own) this.#scoreLog(own, validationEnd, table.eventIds.length, this.#firstRows[index] ?? 0);
    });
  }

  static async of(
    cut: readonly CutTable[],
    detection: { set: DetectorSet; lines: PageScores; vocabulary: Vocabulary },
    pages: readonly TablePages[] | null,
    signal: AbortSignal,
  ): Promise<HeldBack> {
    const { lines } = detection;
    const heldBack = new HeldBack(cut, detection, pages);
    for (const [index, { table, cuts }] of cut.entries()) {
      const own = pages?.[index];
      if (own)
        await heldBack.#scoreLines(lines, pagesWithin(own, cuts.validationEnd, table.eventIds.length), index, signal);
    }
    return heldBack;
  }

  async #scoreLines(lines: PageScores, pages: Iterable<StreamPage>, table: number, signal: AbortSignal): Promise<void> {
    let row = this.#firstRows[table] ?? 0;
    for (const page of pages) {
      const columns = await lines.score(page, signal);
      columns.forEach((column, line) => this.#logColumns[this.#set.stream.length + line]?.set(column, row));
      row += page.eventIds.length;
    }
  }

  #scoreLog(pages: TablePages, from: number, to: number, firstRow: number): void {
    this.#set.stream.forEach((open, detector) => {
      const scorer = open();
      for (const page of pagesWithin(pages, from - streamHistoryEvents, from))
        scorer.score(page, new Float32Array(page.eventIds.length).fill(Number.NaN));
      let row = firstRow;
      for (const page of pagesWithin(pages, from, to)) {
        const count = page.eventIds.length;
        const column = this.#logColumns[detector]?.subarray(row, row + count);
        if (column) scorer.score(page, column);
        row += count;
      }
    });
  }

  /** With the bits of one graph. `isWhole`: sessions are judged, and not their events. */
  rows(held: readonly HeldSession[], tokens: TokenScores, isWhole: boolean): HeldRows {
    const { session: sessionDetectors, ids } = this.#set;
    const placeOf = new Map(
      this.#cut.map((cut, index) => [cut, [index, (this.#firstRows[index] ?? 0) - cut.cuts.validationEnd] as const]),
    );
    const columns = ids.map(
      (_id, detector) =>
        this.#logColumns[detector - sessionDetectors.length] ?? new Float32Array(this.#rowCount).fill(Number.NaN),
    );
    const kinds = new Float64Array(this.#rowCount);
    const tables = new Int32Array(this.#rowCount);
    const doubt = new Uint8Array(this.#rowCount);
    const perplexities = new Float64Array(this.#rowCount).fill(Number.NaN);
    const offsets = [0];
    for (const one of held) {
      const { cut, session } = one;
      const { rows } = session;
      const { cuts } = cut;
      if ((rows.at(-1) ?? 0) < cuts.validationEnd) continue;
      const own = sessionDetectors.map(() => new Float32Array(rows.length));
      const ownPerplexities = new Float32Array(rows.length);
      const [tableIndex, shift] = placeOf.get(cut) ?? [0, 0];
      const view = viewOf(one, tokens, 0, rows.length);
      view.kinds = view.kinds.map((kind, index) => {
        const row = rows[index] ?? 0;
        return row < cuts.validationEnd ? kind : (this.#kinds[row + shift] ?? kind);
      });
      new SessionScores(this.#set, isWhole).score(view, own, ownPerplexities);
      let count = 0;
      rows.forEach((row, index) => {
        if (row < cuts.validationEnd) return;
        const target = row + shift;
        own.forEach((column, detector) => {
          const into = columns[detector];
          if (into) into[target] = column[index] ?? Number.NaN;
        });
        kinds[target] = view.kinds[index] ?? 0;
        perplexities[target] = ownPerplexities[index] ?? Number.NaN;
        tables[target] = tableIndex;
        doubt[target] = cut.doubt.marks[row] ?? rowDoubt.none;
        count++;
      });
      offsets.push((offsets.at(-1) ?? 0) + count);
    }
    const named = columns.map((scores, detector) => ({ id: ids[detector] ?? 'key', scores }));
    if (!isWhole) return { columns: named, kinds, tables, doubt, perplexities };
    // Sessions of ids come one behind the other.
    const ends = offsets.slice(1).map((end) => end - 1);
    return {
      columns: largestOfSessions(named, offsets),
      kinds: Float64Array.from(ends, (row) => kinds[row] ?? 0),
      tables: Int32Array.from(ends, (row) => tables[row] ?? 0),
      doubt: Uint8Array.from(ends, (end, session) =>
        doubt.subarray(offsets[session] ?? 0, end + 1).reduce((most, mark) => Math.max(most, mark), rowDoubt.none),
      ),
      perplexities: Float64Array.from(ends, (row) => perplexities[row] ?? Number.NaN),
    };
  }
}

/** The parts of sessions that lie between training and what was held back to calibrate. */
export function* validationViews(held: readonly HeldSession[], bits: Float32Array): Generator<SessionPartView> {
  for (const one of held) {
    const { rows } = one.session;
    const { trainingEnd, validationEnd } = one.cut.cuts;
    const from = rows.findIndex((row) => row >= trainingEnd);
    if (from < 0) continue;
    const behind = rows.findIndex((row) => row >= validationEnd);
    const to = behind < 0 ? rows.length : behind;
    const { marks } = one.cut.doubt;
    const isLearned = (place: number): boolean => place < to && marks[rows[place] ?? 0] === rowDoubt.none;
    for (let place = from; place < to; place++) {
      const first = place;
      while (isLearned(place)) place++;
      if (first < place) yield viewOf(one, { bits }, first, place);
    }
  }
}

/** Events `from` to `to` of a session with what is said of all its tokens. A session that may go on is not judged as a whole. */
function viewOf(
  { cut: { table }, session, start }: HeldSession,
  tokens: TokenScores,
  from: number,
  to: number,
): SessionPartView {
  const hasEnd = session.hasEnd && to === session.rows.length;
  return {
    ids: Int32Array.from(session.ids),
    ...scoresWithin(tokens, start, start + session.ids.length),
    ...{ first: 1 + from, count: to - from, firstEvent: from },
    kinds: Array.from(session.rows.subarray(from, to), (row) =>
      kindKey(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1),
    ),
    ...{ hasEnd, isLast: hasEnd },
  };
}
