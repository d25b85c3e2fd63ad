import { expect, test } from 'vitest';
import { timeTicks } from '../../src/renderer/lib/timeTicks.ts';

const at = (text: string): number => Date.parse(text);
const now = at('2026-11-29T12:00:00Z');

test('ticks stand at round times of the zone, also of one with half an hour', () => {
  const range = { from: at('2026-11-29T10:01:48Z'), to: at('2026-11-29T11:09:04Z') };
  expect(timeTicks(range, 5, 'UTC', now).map(({ text }) => text)).toEqual(['10:15', '10:30', '10:45', '11:00']);
  expect(timeTicks(range, 3, 'Asia/Kolkata', now).map(({ text }) => text)).toEqual(['16:00', '16:30']);
});

test('never more than one above what was asked for, from a second to many years', () => {
  for (const span of [1, 61, 3600, 90_000, 5_000_000, 900_000_000]) {
    const ticks = timeTicks({ from: now, to: now + span * 1000 }, 6, 'Europe/Berlin', now);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThanOrEqual(7);
  }
});

test('the day is said where the range has more than one, the second where ticks are closer than a minute', () => {
  const days = { from: at('2026-11-27T22:00:00Z'), to: at('2026-11-29T22:00:00Z') };
  expect(timeTicks(days, 4, 'UTC', now).map(({ text }) => text)).toEqual([
    '28 Nov 00:00',
    '28 Nov 12:00',
    '29 Nov 00:00',
    '29 Nov 12:00',
  ]);
  const seconds = { from: at('2026-11-29T10:00:00Z'), to: at('2026-11-29T10:00:20Z') };
  expect(timeTicks(seconds, 2, 'UTC', now).map(({ text }) => text)).toEqual(['10:00:00', '10:00:10', '10:00:20']);
});
