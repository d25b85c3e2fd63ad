/** @file Sessions that come in parts are what they are as a whole: no event is lost, doubled, moved, or read with another context. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planWindows } from '../../src/main/engine/windows.ts';
import { sessionParts, type PartOptions, type SessionPart } from '../../src/main/learn/sessionParts.ts';
import { Vocabulary } from '../../src/main/learn/vocabulary.ts';
import type { StoreMethods } from '../../src/main/store/protocol.ts';
import type { Client } from '../../src/shared/port.ts';
import { keyTokens } from '../../src/shared/sequences.ts';

const contextLength = 8;
const vocabulary = new Vocabulary(
  Array.from({ length: 5 }, (_, templateIndex) => ({ templateIndex, contentHash: '', severity: -1, count: 1 })),
);

/** Event i of the log belongs to session `sessions[i]`; ids count from 101. */
function storeOf(sessions: readonly number[], isOpen: (session: number) => boolean): Client<StoreMethods> {
  const distinct = [...new Set(sessions)];
  const numberOf = (session: number): number => 101 + distinct.indexOf(session);
  const call = (method: string, input: { limit: number; afterEventId: number; afterSessionId: number }): unknown => {
    if (method === 'read_keys') {
      const first = Math.max(0, input.afterEventId - 1000);
      const page = sessions.slice(first, first + input.limit);
      return {
        eventIds: Float64Array.from(page, (_, i) => 1001 + first + i),
        lineNumbers: Int32Array.from(page, (_, i) => 1 + first + i),
        at: new Float64Array(page.length),
        severities: new Int8Array(page.length).fill(-1),
        templateIndexes: Int32Array.from(page, (_, i) => templateOf(first + i)),
        sessionIds: Float64Array.from(page, numberOf),
      };
    }
    const found = distinct.filter((session) => numberOf(session) > input.afterSessionId).slice(0, input.limit);
    return {
      ids: Float64Array.from(found, numberOf),
      entityHashes: Float64Array.from(found),
      entityKinds: new Int8Array(found.length),
      eventCounts: Int32Array.from(found, (one) => sessions.filter((session) => session === one).length),
      open: Uint8Array.from(found, (one) => (isOpen(one) ? 1 : 0)),
    };
  };
  return { call: (method, input) => Promise.resolve(call(method, input as never) as never) };
}

function templateOf(row: number): number {
  return (row * 7 + (row >> 2)) % 5;
}

async function partsOf(sessions: readonly number[], options: PartOptions): Promise<SessionPart[]> {
  const store = storeOf(sessions, (session) => session % 2 === 1);
  const parts: SessionPart[] = [];
  const { signal } = new AbortController();
  for await (const part of sessionParts(store, 1, vocabulary, options, signal)) parts.push(part);
  return parts;
}

/** Where the window begins that scores each position of a sequence of `length`. */
function windowStarts(length: number): number[] {
  const starts: number[] = [];
  for (const { start, end, firstScored } of planWindows(length, contextLength))
    for (let position = firstScored; position < end; position++) starts[position] = start;
  return starts;
}

test('every event is given out once, in order, with the context it has in the whole session', async () => {
  const logs = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 150 });
  const options = fc.record({
    pageRows: fc.integer({ min: 1, max: 40 }),
    mostWaiting: fc.integer({ min: contextLength, max: 30 }),
    mostWaitingInAll: fc.constantFrom(0, 10, 1000),
  });
  await fc.assert(
    fc.asyncProperty(logs, options, async (sessions, limits) => {
      const parts = await partsOf(sessions, { contextLength, ...limits });
      for (const session of new Set(sessions)) {
        const rows = [...sessions.keys()].filter((row) => sessions[row] === session);
        const isOpen = session % 2 === 1;
        const whole = [
          ...[keyTokens.begin, ...rows.map((row) => vocabulary.idOf(templateOf(row), -1))],
          ...(isOpen ? [] : [keyTokens.end]),
        ];
        const starts = windowStarts(whole.length);
        const own = parts.filter((part) => part.session.entityHash === session);
        expect(own.flatMap(({ events }) => events.eventIds)).toEqual(rows.map((row) => 1001 + row));
        expect(own.map(({ isLast }) => isLast)).toEqual(own.map((_, index) => index === own.length - 1));
        let next = 1;
        for (const { ids, firstScored, firstEvent, events, hasEnd } of own) {
          const base = next - firstScored;
          expect(firstEvent).toBe(next - 1);
          expect([...ids]).toEqual(whole.slice(base, base + ids.length));
          expect(ids.length).toBe(firstScored + events.eventIds.length + (hasEnd ? 1 : 0));
          windowStarts(ids.length).forEach((start, position) => {
            if (position >= firstScored) expect(base + start).toBe(starts[base + position]);
          });
          next += events.eventIds.length + (hasEnd ? 1 : 0);
        }
        expect(next).toBe(whole.length);
      }
    }),
    { numRuns: 150 },
  );
});

test('of a log that grows meanwhile, each session has one last part, also where nothing of it waits any more', async () => {
  const logs = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 150 });
  const rows = fc.integer({ min: 1, max: 150 });
  await fc.assert(
    fc.asyncProperty(logs, rows, fc.integer({ min: 1, max: 40 }), async (sessions, read, pageRows) => {
      const limits = { pageRows, mostWaiting: contextLength, mostWaitingInAll: 0 };
      const parts = await partsOf(sessions, { contextLength, lastEventId: 1000 + read, ...limits });
      for (const session of new Set(sessions.slice(0, read))) {
        const own = parts.filter((part) => part.session.entityHash === session);
        expect(own.map(({ isLast }) => isLast)).toEqual(own.map((_, index) => index === own.length - 1));
        expect(own.length).toBeGreaterThan(0);
      }
      expect(parts.flatMap(({ events }) => events.eventIds)).toHaveLength(Math.min(read, sessions.length));
    }),
  );
});

test('what waits is bounded, however long a session is (a log that is one session)', async () => {
  const parts = await partsOf(new Array<number>(5000).fill(1), { contextLength, pageRows: 100, mostWaiting: 32 });
  expect(Math.max(...parts.map(({ ids }) => ids.length))).toBeLessThanOrEqual(32 + 2 * contextLength);
});
