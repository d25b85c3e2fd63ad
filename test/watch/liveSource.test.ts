/** @file The ends of sessions in a log that is quiet: they are work as long as they are not written. */
import { expect, test } from 'vitest';
import { EventMaker } from '../../src/main/app/eventMaker.ts';
import { LiveSource, startOfLog } from '../../src/main/app/watch/liveSource.ts';
import { createKeyedHash } from '../../src/main/text/keyedHash.ts';

test('a session that ends by silence alone is taken, and is work until it is', () => {
  const totals = { sizeBytes: 0, lineCount: 0, eventCount: 0, plainCount: 0, blankCount: 0, badByteCount: 0 };
  const record = {
    ...{ sourceId: 1, place: startOfLog, kinds: [], format: 'syslog5424' as const, lastEventId: 0, nextSessionId: 1 },
    assumption: { year: null, zone: 'UTC' },
    totals: { ...totals, encoding: 'utf-8' as const, sessionCount: 0, firstAt: null, lastAt: null },
    openSessions: [],
  };
  const source = new LiveSource(record, [], 0);
  const maker = new EventMaker(createKeyedHash(new Uint8Array(32)), []);
  const bytes = Buffer.from('<34>1 2026-01-05T10:00:00Z host sshd 1 - - session opened\n');
  source.add({ bytes, encoding: null, isAtStart: true, place: null, isCut: false, sizeBytes: bytes.length }, maker, 0);
  source.settle(maker, 0);
  expect(source.take(null)?.ended).toEqual([]);
  expect(source.endIdle(2000, true)).toBe(false);
  const later = 31 * 60_000;
  expect(source.endIdle(later, true)).toBe(true);
  expect(source.endIdle(later + 1, true)).toBe(true);
  expect(source.take(null)?.ended).toEqual([1]);
  expect(source.endIdle(later + 2, true)).toBe(false);
});
