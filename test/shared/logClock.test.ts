import { describe, expect, it } from 'vitest';
import { LogClock } from '../../src/shared/logClock.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** The log's time at each line, as the import sees it: `lag` lines later. */
function timesOf(stamps: (number | null)[]): (number | null)[] {
  const clock = new LogClock();
  const times: (number | null)[] = [];
  stamps.forEach((stamp, line) => {
    clock.advance(stamp);
    if (line >= LogClock.lag) times.push(clock.now);
  });
  while (times.length < stamps.length) times.push(clock.now);
  return times;
}

describe('the time of a log', () => {
  it('does not follow a few forged stamps (an attacker could end every session with one line)', () => {
    const stamps = Array.from({ length: 40 }, (_unused, line) => line * minute);
    stamps[15] = 400 * day;
    stamps[16] = 400 * day;
    stamps[30] = -400 * day;
    timesOf(stamps).forEach((time, line) => expect(Math.abs((time ?? 0) - line * minute)).toBeLessThan(10 * minute));
  });

  it('follows a real silence from the first line after it (sessions would go on over a night)', () => {
    const stamps = Array.from({ length: 40 }, (_unused, line) => line * minute + (line < 20 ? 0 : day));
    const times = timesOf(stamps);
    expect(times[19]).toBeLessThan(day);
    expect(times[20]).toBeGreaterThanOrEqual(day);
  });

  it('stands still where lines have no stamp', () => {
    const clock = new LogClock();
    expect(clock.now).toBeNull();
    clock.advance(5);
    clock.advance(null);
    expect(clock.now).toBe(5);
  });
});
