/**
 * @file Cuts the events of the sources by time: the earlier part trains, the next stops training early, the last calibrates.
 * A session that crosses a cut is divided there, and where rows may not be taken as normal; only a session seen to end has an end.
 */
import { rowDoubt } from '../../shared/rowDoubt.ts';
import { keyTokens } from '../../shared/sequences.ts';
import type { Doubt } from './doubt.ts';
import { kindKey, type KeyTable } from './keyTable.ts';
import type { Vocabulary } from './vocabulary.ts';

export const trainingShare = 0.7;
export const validationShare = 0.1;

export type Cuts = { trainingEnd: number; validationEnd: number };

/** Rows before `trainingEnd` train, those before `validationEnd` validate, the rest calibrate. */
export function cutRows(rowCount: number): Cuts {
  return {
    trainingEnd: Math.max(1, Math.floor(rowCount * trainingShare)),
    validationEnd: Math.max(1, Math.floor(rowCount * (trainingShare + validationShare))),
  };
}

export type CutTable = { table: KeyTable; cuts: Cuts; doubt: Doubt };

export function countKinds(tables: readonly CutTable[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { table, cuts, doubt } of tables) {
    for (let row = 0; row < cuts.trainingEnd; row++) {
      if (doubt.marks[row] !== rowDoubt.none) continue;
      const key = kindKey(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

/** Rows of a session one behind the other; whether it began with the first of them, and was seen to end with the last. */
type Piece = { rows: Int32Array; begins: boolean; ends: boolean };

/** Of the sessions' parts within rows `from` to `to` what may be taken as normal. One at a time: of a long log there are many. */
export function* learnedPieces(
  { sessions: { rows, offsets, isOpen } }: KeyTable,
  { marks }: Pick<Doubt, 'marks'>,
  from: number,
  to: number,
): Generator<Piece> {
  for (let session = 0; session + 1 < offsets.length; session++) {
    const whole = rows.subarray(offsets[session] ?? 0, offsets[session + 1] ?? 0);
    const isLearned = (place: number): boolean => {
      const row = whole[place] ?? 0;
      return row >= from && row < to && marks[row] === rowDoubt.none;
    };
    for (let place = 0; place < whole.length; place++) {
      if (!isLearned(place)) continue;
      const first = place;
      while (place < whole.length && isLearned(place)) place++;
      const ends = place === whole.length && isOpen[session] !== 1;
      yield { rows: whole.subarray(first, place), begins: first === 0, ends };
    }
  }
}

/** Token sequences of the sessions' parts within rows `from` to `to`: begin where the session began there, end where it was seen to end there. */
export function sequencesOf(
  { table, doubt }: Pick<CutTable, 'table' | 'doubt'>,
  vocabulary: Vocabulary,
  from: number,
  to: number,
): number[][] {
  const sequences: number[][] = [];
  for (const { rows, begins, ends } of learnedPieces(table, doubt, from, to)) {
    // A part that continues an earlier one did not begin here.
    const ids: number[] = begins ? [keyTokens.begin] : [];
    for (const row of rows) ids.push(vocabulary.idOf(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1));
    if (ends) ids.push(keyTokens.end);
    if (ids.length > 1) sequences.push(ids);
  }
  return sequences;
}

/** One session as the engine scores it: begin, its events, and the end where it was seen. Position i + 1 is row `rows[i]`. */
export type ScoredSession = { ids: number[]; rows: Int32Array; hasEnd: boolean; session: number };

export function* scoredSessions(table: KeyTable, vocabulary: Vocabulary): Generator<ScoredSession> {
  const { rows, offsets, isOpen } = table.sessions;
  for (let session = 0; session + 1 < offsets.length; session++) {
    const part = rows.subarray(offsets[session] ?? 0, offsets[session + 1] ?? 0);
    const ids = [keyTokens.begin as number];
    for (const row of part) ids.push(vocabulary.idOf(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1));
    const hasEnd = !isOpen[session];
    if (hasEnd) ids.push(keyTokens.end);
    yield { ids, rows: part, hasEnd, session };
  }
}

/** A piece of a session within the first `to` rows, as detectors learn from it. `kinds` are of `kindKey`. */
export type TrainingSession = { ids: Int32Array; kinds: Float64Array; hasBegin: boolean; hasEnd: boolean };

/** One at a time: of a long log there are many. */
export function* trainingSessions(
  { table, cuts, doubt }: CutTable,
  vocabulary: Vocabulary,
): Generator<TrainingSession> {
  for (const { rows, begins, ends } of learnedPieces(table, doubt, 0, cuts.trainingEnd)) {
    yield {
      ids: Int32Array.from(rows, (row) =>
        vocabulary.idOf(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1),
      ),
      kinds: Float64Array.from(rows, (row) => kindKey(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1)),
      hasBegin: begins,
      hasEnd: ends,
    };
  }
}
