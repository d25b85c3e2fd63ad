/**
 * @file Cuts the events of the sources by time: the earlier part trains, the next stops training early, the last calibrates.
 * A session that crosses a cut is divided there; only a session seen to end has an end.
 */
import { keyTokens } from '../../shared/sequences.ts';
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

export function countKinds(tables: readonly { table: KeyTable; cuts: Cuts }[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { table, cuts } of tables) {
    for (let row = 0; row < cuts.trainingEnd; row++) {
      const key = kindKey(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

/** Token sequences of the sessions' parts within rows `from` to `to`: begin where the session began there, end where it was seen to end there. */
export function sequencesOf(table: KeyTable, vocabulary: Vocabulary, from: number, to: number): number[][] {
  const { rows, offsets, isOpen } = table.sessions;
  const sequences: number[][] = [];
  for (let session = 0; session + 1 < offsets.length; session++) {
    const start = offsets[session] ?? 0;
    const end = offsets[session + 1] ?? 0;
    const ids: number[] = [keyTokens.begin];
    let last = start;
    for (let i = start; i < end; i++) {
      const row = rows[i] ?? 0;
      if (row < from || row >= to) continue;
      ids.push(vocabulary.idOf(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1));
      last = i;
    }
    if (ids.length === 1) continue;
    if (last === end - 1 && !isOpen[session]) ids.push(keyTokens.end);
    // A part that continues an earlier one did not begin here.
    const firstRow = rows[start] ?? 0;
    sequences.push(firstRow >= from ? ids : ids.slice(1));
  }
  return sequences.filter((ids) => ids.length > 1);
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

/** A session's part within the first `to` rows, as detectors learn from it. `kinds` are of `kindKey`. */
export type TrainingSession = { ids: Int32Array; kinds: Float64Array; hasBegin: true; hasEnd: boolean };

/** One at a time: of a long log there are many. */
export function* trainingSessions(table: KeyTable, vocabulary: Vocabulary, to: number): Generator<TrainingSession> {
  const { rows, offsets, isOpen } = table.sessions;
  for (let session = 0; session + 1 < offsets.length; session++) {
    const whole = rows.subarray(offsets[session] ?? 0, offsets[session + 1] ?? 0);
    // Rows of a session are in order.
    let count = whole.length;
    while (count > 0 && (whole[count - 1] ?? 0) >= to) count--;
    if (count === 0) continue;
    const part = whole.subarray(0, count);
    yield {
      ids: Int32Array.from(part, (row) =>
        vocabulary.idOf(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1),
      ),
      kinds: Float64Array.from(part, (row) => kindKey(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1)),
      hasBegin: true,
      hasEnd: count === whole.length && isOpen[session] !== 1,
    };
  }
}
