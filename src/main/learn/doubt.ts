/**
 * @file Which rows of a table may not be taken as normal: what lies under an alert that nobody decided, or under a confirmed threat. All that learns
 * or calibrates goes by these marks.
 */
import { rowDoubt } from '../../shared/rowDoubt.ts';
import type { LogAlert } from '../store/protocol/models.ts';
import type { KeyTable } from './keyTable.ts';

/** Events of the session on either side of a doubtful one that go with it: they are what led to it, and what came of it. */
const marginEvents = 8;

/** The alerts of a source that were shown, or decided, in the order of the log. JSON. */
export type SourceAlerts = {
  sessionIds: number[];
  /** Their strongest events. */
  eventIds: number[];
  firstEventIds: number[];
  lastEventIds: number[];
  said: LogAlert['said'][];
};

export type Doubt = {
  /** Of each row one of `rowDoubt`. */
  marks: Uint8Array;
  /** -log10 p from which on alerts were shown. */
  shownFrom: number;
  /** Events of alerts that were decided to be harmless: they are learned. In the order of the log. */
  harmlessEventIds: number[];
  /** Left out, under so many alerts. */
  lines: number;
  undecided: number;
  threats: number;
};

export function noDoubt(rowCount: number): Doubt {
  return { marks: new Uint8Array(rowCount), shownFrom: 0, harmlessEventIds: [], lines: 0, undecided: 0, threats: 0 };
}

export function doubtOf(table: KeyTable, alerts: SourceAlerts, shownFrom: number, margin = marginEvents): Doubt {
  const marks = doubtfulRows(table, alerts, margin);
  // Of a line of ids each id is an event of the same line.
  const lines = marks.reduce((sum, mark, row) => {
    const isNext = table.eventIds[row] !== table.eventIds[row - 1];
    return sum + (mark !== rowDoubt.none && isNext ? 1 : 0);
  }, 0);
  const doubt: Doubt = { marks, shownFrom, harmlessEventIds: [], lines, undecided: 0, threats: 0 };
  alerts.said.forEach((said, i) => {
    const eventId = alerts.eventIds[i] ?? 0;
    const row = placeOf(table.eventIds, eventId);
    if (table.eventIds[row] !== eventId) return; // of a line that came since
    if (said === 'harmless') doubt.harmlessEventIds.push(eventId);
    else if (said === 'threat') doubt.threats++;
    else {
      doubt.undecided++;
      if (marks[row] !== rowDoubt.none) marks[row] = rowDoubt.undecidedAlert;
    }
  });
  return doubt;
}

/** The same where each event is a session, as a line of ids is: it is left out as a whole. */
export function doubtOfLines(table: KeyTable, alerts: SourceAlerts, shownFrom: number): Doubt {
  const sessionIds = alerts.eventIds.map((id) => table.sessionIds[placeOf(table.eventIds, id)] ?? -1);
  return doubtOf(table, { ...alerts, sessionIds }, shownFrom, Infinity);
}

/** 1 for the rows of a table that may not be taken as normal, `margin` events of the session on either side among them. */
export function doubtfulRows(
  { eventIds, sessions }: KeyTable,
  { sessionIds, firstEventIds, lastEventIds, said }: SourceAlerts,
  margin = marginEvents,
): Uint8Array {
  const marks = new Uint8Array(eventIds.length);
  const { rows, offsets, ids } = sessions;
  const indexOf = new Map(Array.from(ids, (id, index) => [id, index]));
  // How many more alerts lie over the next event of the sessions than over the one before: each event is marked once, however many there are.
  const changes = new Int32Array(rows.length + 1);
  sessionIds.forEach((sessionId, i) => {
    const session = indexOf.get(sessionId);
    if (session === undefined || said[i] === 'harmless') return;
    const start = offsets[session] ?? 0;
    const own = rows.subarray(start, offsets[session + 1] ?? 0);
    const eventOf = (row: number): number => eventIds[row] ?? 0;
    const first = Math.max(0, placeOf(own, firstEventIds[i] ?? 0, eventOf) - margin);
    const end = Math.min(own.length, placeOf(own, (lastEventIds[i] ?? 0) + 1, eventOf) + margin);
    if (end <= first) return;
    changes[start + first] = (changes[start + first] ?? 0) + 1;
    changes[start + end] = (changes[start + end] ?? 0) - 1;
  });
  let over = 0;
  rows.forEach((row, place) => {
    over += changes[place] ?? 0;
    if (over > 0) marks[row] = 1;
  });
  return marks;
}

/** Place of the first that is `wanted` or more. */
function placeOf(
  ascending: ArrayLike<number>,
  wanted: number,
  valueOf: (item: number) => number = (item) => item,
): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueOf(ascending[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
