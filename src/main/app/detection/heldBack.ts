/**
 * @file What every detector says of the events held back from training, as scoring would have it: the rows that calibration is fitted on, in the
 * order of the log.
 */
import { streamHistoryEvents } from '../../detect/detector.ts';
import type { ScoredSession } from '../../learn/dataset.ts';
import { kindKey } from '../../learn/keyTable.ts';
import type { CutTable } from '../calibrate.ts';
import type { DetectorSet } from './detectorSet.ts';
import type { Columns } from './judge.ts';
import { SessionScores } from './sessionScores.ts';
import { pagesWithin, type TablePages } from './tablePages.ts';

/** A session of which something was held back, and where its tokens stand among those of all. */
export type HeldSession = { cut: CutTable; session: ScoredSession; start: number };

export type HeldRows = {
  columns: Columns;
  /** `kindKey`s. */
  kinds: Float64Array;
  perplexities: Float64Array;
};

/** Events held back, in the order of the log. `pages` as they were learned from. */
export class HeldBack {
  readonly #cut: readonly CutTable[];
  readonly #set: DetectorSet;
  /** Row number of the first event held back of each table. */
  readonly #firstRows: readonly number[];
  readonly #rowCount: number;
  readonly #logColumns: Columns;

  constructor(cut: readonly CutTable[], set: DetectorSet, pages: readonly TablePages[] | null) {
    this.#cut = cut;
    this.#set = set;
    let rowCount = 0;
    this.#firstRows = cut.map(({ table, cuts }) => {
      const first = rowCount;
      rowCount += table.eventIds.length - cuts.validationEnd;
      return first;
    });
    this.#rowCount = rowCount;
    this.#logColumns = set.stream.map(() => new Float32Array(rowCount).fill(Number.NaN));
    cut.forEach(({ table, cuts: { validationEnd } }, index) => {
      const own = pages?.[index];
      if (own) this.#scoreLog(own, validationEnd, table.eventIds.length, this.#firstRows[index] ?? 0);
    });
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
  rows(held: readonly HeldSession[], bits: Float32Array, isWhole: boolean): HeldRows {
    const { session: sessionDetectors, ids } = this.#set;
    const rowOf = new Map(this.#cut.map((cut, index) => [cut, (this.#firstRows[index] ?? 0) - cut.cuts.validationEnd]));
    const columns = ids.map(
      (_id, detector) =>
        this.#logColumns[detector - sessionDetectors.length] ?? new Float32Array(this.#rowCount).fill(Number.NaN),
    );
    const kinds = new Float64Array(this.#rowCount);
    const perplexities = new Float64Array(this.#rowCount).fill(Number.NaN);
    const sessions: number[][] = [];
    for (const { cut, session, start } of held) {
      const { rows, hasEnd } = session;
      const { table, cuts } = cut;
      const kindsOfSession = Array.from(rows, (row) =>
        kindKey(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1),
      );
      const own = sessionDetectors.map(() => new Float32Array(rows.length));
      const ownPerplexities = new Float32Array(rows.length);
      const view = {
        ids: Int32Array.from(session.ids),
        bits: bits.subarray(start, start + session.ids.length),
        ...{ first: 1, count: rows.length, firstEvent: 0, kinds: kindsOfSession, hasEnd, isLast: hasEnd },
      };
      new SessionScores(this.#set, isWhole).score(view, own, ownPerplexities);
      const shift = rowOf.get(cut) ?? 0;
      const ofSession: number[] = [];
      rows.forEach((row, index) => {
        if (row < cuts.validationEnd) return;
        const target = row + shift;
        own.forEach((column, detector) => {
          const into = columns[detector];
          if (into) into[target] = column[index] ?? Number.NaN;
        });
        kinds[target] = kindsOfSession[index] ?? 0;
        perplexities[target] = ownPerplexities[index] ?? Number.NaN;
        ofSession.push(target);
      });
      sessions.push(ofSession);
    }
    if (!isWhole) return { columns, kinds, perplexities };
    return {
      columns: columns.map((column) => Float32Array.from(sessions, (rows) => largestOf(column, rows))),
      kinds: Float64Array.from(sessions, (rows) => kinds[rows.at(-1) ?? 0] ?? 0),
      perplexities: Float64Array.from(sessions, (rows) => perplexities[rows.at(-1) ?? 0] ?? Number.NaN),
    };
  }
}

/** NaN where it says nothing of any row. */
function largestOf(column: Float32Array, rows: readonly number[]): number {
  let largest = Number.NaN;
  for (const row of rows) {
    const score = column[row] ?? Number.NaN;
    if (!(score <= largest) && !Number.isNaN(score)) largest = score;
  }
  return largest;
}
