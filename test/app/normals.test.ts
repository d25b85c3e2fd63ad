/** @file What may be taken as normal, and what a retraining replays of it. Catches an event under an open alert or a threat among it, with what led to it and what came of it. */
import { expect, test } from 'vitest';
import { replaySequences } from '../../src/main/app/retraining/normals.ts';
import { countKinds, sequencesOf, trainingSessions } from '../../src/main/learn/dataset.ts';
import { doubtOf, doubtOfLines, noDoubt, type SourceAlerts } from '../../src/main/learn/doubt.ts';
import { groupBySession, type KeyTable } from '../../src/main/learn/keyTable.ts';
import { Vocabulary } from '../../src/main/learn/vocabulary.ts';
import { rowDoubt } from '../../src/shared/rowDoubt.ts';
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
const cuts = { trainingEnd: all.length, validationEnd: all.length };

/** Alerts by session, first, strongest and last event, and what was said of them. */
function alertsOf(
  ...alerts: [session: number, first: number, event: number, last: number, said?: SourceAlerts['said'][number]][]
): SourceAlerts {
  return {
    sessionIds: alerts.map(([session]) => session),
    firstEventIds: alerts.map(([, first]) => first),
    eventIds: alerts.map(([, , event]) => event),
    lastEventIds: alerts.map(([, , , last]) => last),
    said: alerts.map(([, , , , said = 'undecided']) => said),
  };
}
const eventsOf = (tokens: readonly number[]): number[] =>
  tokens.filter((token) => token >= keyTokens.firstEventId).map((token) => token - keyTokens.firstEventId + 1);

/** Event ids among what is replayed, piece by piece. */
function replayed(alerts: SourceAlerts): number[][] {
  return replaySequences([{ table, cuts, doubt: doubtOf(table, alerts, 3) }], vocabulary, 100).map(eventsOf);
}

test('without an alert, or under one that was decided to be harmless, all is taken as normal', () => {
  const lengths = [eventCount, otherCount];
  expect(replayed(alertsOf()).map(({ length }) => length)).toEqual(lengths);
  expect(replayed(alertsOf([1, 20, 20, 21, 'harmless'])).map(({ length }) => length)).toEqual(lengths);
});

test('a doubtful event goes with eight of its session on either side, and nothing is taken across the gap', () => {
  const [before, behind, other] = replayed(alertsOf([1, 20, 21, 21]));
  expect([before?.[0], before?.at(-1)]).toEqual([1, 11]);
  expect([behind?.[0], behind?.at(-1)]).toEqual([30, eventCount]);
  expect(other).toHaveLength(otherCount);
});

test('what one alert lies over stays out where another that overlaps ends, and each is told by its strongest event', () => {
  const alerts = alertsOf([1, 15, 16, 30], [1, 18, 18, 19, 'threat'], [1, 29, 31, 31]);
  const { marks, undecided, threats } = doubtOf(table, alerts, 3);
  expect(all.filter((row) => marks[row] !== rowDoubt.none).map((row) => row + 1)).toEqual(
    Array.from({ length: 33 }, (_, index) => index + 7),
  );
  expect(all.filter((row) => marks[row] === rowDoubt.undecidedAlert).map((row) => row + 1)).toEqual([16, 31]);
  expect([undecided, threats]).toEqual([2, 1]);
});

test('at the edge of a session it takes nothing from the next, and of one that is gone nothing', () => {
  const [first, other] = replayed(alertsOf([1, 40, 40, 40], [7, 3, 3, 3]));
  expect(first?.at(-1)).toBe(31);
  expect(other).toHaveLength(otherCount);
});

test('kinds, sequences and sessions to learn from lack it alike, and no session begins or ends where it was left out', () => {
  const cut = { table, cuts, doubt: doubtOf(table, alertsOf([1, 20, 20, 20, 'threat']), 3) };
  const left = all.map((row) => row + 1).filter((id) => id < 12 || id > 28);
  expect([...countKinds([cut]).keys()]).toHaveLength(left.length);
  const sequences = sequencesOf(cut, vocabulary, 0, all.length);
  expect(sequences.flatMap(eventsOf)).toEqual(left);
  const [before = [], behind = []] = sequences;
  expect([before[0], before.at(-1)]).toEqual([keyTokens.begin, keyTokens.firstEventId + 10]);
  expect([behind[0], behind.at(-1)]).toEqual([keyTokens.firstEventId + 28, keyTokens.end]);
  const sessions = [...trainingSessions(cut, vocabulary)];
  expect(sessions.flatMap(({ ids }) => eventsOf([...ids]))).toEqual(left);
  expect(sessions.map(({ hasBegin, hasEnd }) => [hasBegin, hasEnd])).toEqual([
    [true, false],
    [false, true],
    [true, true],
  ]);
  const whole = { ...cut, doubt: noDoubt(all.length) };
  expect(sequencesOf(whole, vocabulary, 0, 30).map(({ length }) => length)).toEqual([31]);
});

test('of lines of ids the whole line goes', () => {
  // Three lines of four ids; every id is the event of its line.
  const sessionIds = Float64Array.from({ length: 12 }, (_, token) => Math.floor(token / 4) + 1);
  const lines: KeyTable = {
    ...table,
    eventIds: sessionIds.map((line) => 100 + line),
    sessionIds,
    sessions: groupBySession(sessionIds, new Map([1, 2, 3].map((id) => [id, 0]))),
  };
  // Its session in the store is that of the file.
  const { marks, lines: leftOut } = doubtOfLines(lines, alertsOf([77, 102, 102, 102]), 3);
  expect(leftOut).toBe(1);
  expect([...marks].map((mark) => mark !== rowDoubt.none)).toEqual([...sessionIds].map((line) => line === 2));
});
