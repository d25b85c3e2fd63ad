/**
 * @file Ordinary windows, the other class of verdicts: a model raises alerts on little of a log, and what was never under one is what a classifier sees most.
 * They are drawn from the part of the model's logs that stands before what calibrates it, so that p-values are of events that no classifier has seen.
 */
import { Random } from '../../../shared/random.ts';
import type { KeyTable } from '../../learn/keyTable.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';
import { eventIdOf, windowEndingAt } from './verdictWindows.ts';

export type OrdinaryWindow = {
  /** Number of its session among all, and place of its event in the log. */
  session: number;
  row: number;
  ids: number[];
};

/** A table with the rows of it that are drawn from; `doubtful`: 1 where a row may not be taken as normal. */
export type OrdinaryPart = { table: KeyTable; from: number; to: number; doubtful: Uint8Array };

/** At most so many, evenly over the log, in its order. */
export function ordinaryWindows(
  parts: readonly OrdinaryPart[],
  vocabulary: Vocabulary,
  { length, most, seed }: { length: number; most: number; seed: number },
): OrdinaryWindow[] {
  const random = new Random(seed);
  const isOrdinary = ({ from, doubtful }: OrdinaryPart, row: number): boolean => row >= from && doubtful[row] !== 1;
  const total = parts.reduce(
    (sum, part) => sum + part.doubtful.subarray(part.from, part.to).reduce((count, mark) => count + 1 - mark, 0),
    0,
  );
  // One of each stretch of so many: each row is as likely as any other.
  const step = Math.max(1, total / most);
  const windows: OrdinaryWindow[] = [];
  let [passed, drawn] = [0, 0];
  let next = Math.floor(random.share() * step);
  let sessionsBefore = 0;
  for (const part of parts) {
    const { table, to } = part;
    const isDrawn = new Uint8Array(table.eventIds.length);
    for (let row = part.from; row < to; row++) {
      if (!isOrdinary(part, row) || passed++ !== next) continue;
      isDrawn[row] = 1;
      next = Math.max(passed, Math.floor(++drawn * step + random.share() * step));
    }
    const { rows, offsets, ids } = table.sessions;
    const own: OrdinaryWindow[] = [];
    for (let session = 0; session + 1 < offsets.length; session++) {
      const start = offsets[session] ?? 0;
      for (let at = start; at < (offsets[session + 1] ?? 0); at++) {
        const row = rows[at] ?? 0;
        if (isDrawn[row] !== 1) continue;
        const idAt = (place: number): number => {
          const of = rows[start + place] ?? 0;
          return eventIdOf(vocabulary, table.templateIndexes[of] ?? 0, table.severities[of] ?? -1);
        };
        own.push({ session: sessionsBefore + session, row, ids: windowEndingAt(at - start, length, idAt) });
      }
    }
    windows.push(...own.sort((a, b) => a.row - b.row));
    sessionsBefore += ids.length;
  }
  return windows;
}
