/** @file The normal events that a retraining replays: the part that the model trained on, without what is under an open alert or a threat. */
import { keyTokens } from '../../../shared/sequences.ts';
import type { KeyTable } from '../../learn/keyTable.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';
import type { StoreMethods } from '../../store/protocol.ts';

/** Pieces of a context's length; more would not be drawn. */
const mostPieces = 20_000;
/** Events of the session on either side of a doubtful one that go with it: they are what led to it, and what came of it. */
const marginEvents = 8;

export type Doubtful = StoreMethods['read_doubtful_events']['output'];

/** 1 for the rows of a table that may not be taken as normal, `margin` events of the session on either side among them. */
export function doubtfulRows(
  table: KeyTable,
  { sessionIds, firstEventIds, lastEventIds }: Doubtful,
  margin = marginEvents,
): Uint8Array {
  const marks = new Uint8Array(table.eventIds.length);
  const { rows, offsets, ids } = table.sessions;
  const indexOf = new Map(Array.from(ids, (id, index) => [id, index]));
  sessionIds.forEach((sessionId, i) => {
    const session = indexOf.get(sessionId);
    if (session === undefined) return;
    const own = rows.subarray(offsets[session] ?? 0, offsets[session + 1] ?? 0);
    const first = placeOf(table, own, firstEventIds[i] ?? 0) - margin;
    const last = placeOf(table, own, (lastEventIds[i] ?? 0) + 1) + margin;
    for (const row of own.subarray(Math.max(0, first), last)) marks[row] = 1;
  });
  return marks;
}

/** Place of the first of the rows whose event has this id or a later one. */
function placeOf(table: KeyTable, rows: Int32Array, eventId: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((table.eventIds[rows[middle] ?? 0] ?? 0) < eventId) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sequences of the sessions' parts before row `to`, cut to the context, broken where rows are doubtful; evenly thinned where they are too many. */
export function replaySequences(
  tables: readonly { table: KeyTable; to: number; doubtful: Uint8Array }[],
  vocabulary: Vocabulary,
  contextLength: number,
): { sequences: number[][]; leftOutEvents: number } {
  const pieces: number[][] = [];
  let leftOutEvents = 0;
  const end = (piece: number[]): void => {
    if (piece.length > 1) pieces.push(piece);
  };
  for (const { table, to, doubtful } of tables) {
    const { rows, offsets, isOpen } = table.sessions;
    for (let session = 0; session + 1 < offsets.length; session++) {
      const own = rows.subarray(offsets[session] ?? 0, offsets[session + 1] ?? 0);
      let piece: number[] = [keyTokens.begin];
      own.forEach((row, place) => {
        if (row >= to) return;
        if (doubtful[row] === 1) {
          leftOutEvents++;
          end(piece);
          piece = [];
          return;
        }
        piece.push(vocabulary.idOf(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1));
        if (place === own.length - 1 && isOpen[session] !== 1) piece.push(keyTokens.end);
        if (piece.length <= contextLength) return;
        end(piece);
        // The last token is given to the next piece.
        piece = piece.slice(-1);
      });
      end(piece);
    }
  }
  if (pieces.length <= mostPieces) return { sequences: pieces, leftOutEvents };
  const step = pieces.length / mostPieces;
  return {
    sequences: Array.from({ length: mostPieces }, (_, i) => pieces[Math.floor(i * step)] ?? []),
    leftOutEvents,
  };
}
