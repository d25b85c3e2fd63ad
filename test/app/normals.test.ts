/** @file What a retraining replays as normal. Catches an event under an open alert or a threat among it, with what led to it and what came of it. */
import { expect, test } from 'vitest';
import { doubtfulRows, replaySequences } from '../../src/main/app/retraining/normals.ts';
import type { KeyTable } from '../../src/main/learn/keyTable.ts';
import { Vocabulary } from '../../src/main/learn/vocabulary.ts';
import { keyTokens } from '../../src/shared/sequences.ts';

const [eventCount, otherCount] = [40, 10];
/** Two sessions, the second behind the first; every event is a kind of its own, its id less one. */
const all = Array.from({ length: eventCount + otherCount }, (_, row) => row);
const sessionOf = (row: number): number => (row < eventCount ? 1 : 2);
const table: KeyTable = {
  eventIds: Float64Array.from(all, (row) => row + 1),
  lineNumbers: Int32Array.from(all, (row) => row + 1),
  templateIndexes: Int32Array.from(all),
  at: new Float64Array(all.length),
  severities: new Int8Array(all.length),
  sessionIds: Float64Array.from(all, sessionOf),
  sessions: {
    rows: Int32Array.from(all),
    offsets: Int32Array.of(0, eventCount, all.length),
    ids: Float64Array.of(1, 2),
    isOpen: Uint8Array.of(0, 0),
  },
};
const vocabulary = new Vocabulary(
  all.map((templateIndex) => ({ templateIndex, severity: 0, contentHash: `${templateIndex}`, count: 1 })),
);
/** Event ids among what is replayed, piece by piece. */
function replayed(doubtful: Uint8Array): number[][] {
  const { sequences } = replaySequences([{ table, to: all.length, doubtful }], vocabulary, 100);
  return sequences.map((sequence) =>
    sequence.filter((token) => token >= keyTokens.firstEventId).map((token) => token - keyTokens.firstEventId + 1),
  );
}

test('without a doubtful event, all is replayed', () => {
  expect(replayed(new Uint8Array(all.length)).map(({ length }) => length)).toEqual([eventCount, otherCount]);
});

test('a doubtful event goes with eight of its session on either side, and nothing is replayed across the gap', () => {
  const one = { sessionIds: Float64Array.of(1), firstEventIds: Float64Array.of(20), lastEventIds: Float64Array.of(21) };
  const marks = doubtfulRows(table, one);
  const [before, behind, other] = replayed(marks);
  expect([before?.[0], before?.at(-1)]).toEqual([1, 11]);
  expect([behind?.[0], behind?.at(-1)]).toEqual([30, eventCount]);
  expect(other).toHaveLength(otherCount);
});

test('at the edge of a session it takes nothing from the next, and of one that is gone nothing', () => {
  const last = {
    sessionIds: Float64Array.of(1, 7),
    firstEventIds: Float64Array.of(40, 3),
    lastEventIds: Float64Array.of(40, 3),
  };
  const [first, other] = replayed(doubtfulRows(table, last));
  expect(first?.at(-1)).toBe(31);
  expect(other).toHaveLength(otherCount);
});
