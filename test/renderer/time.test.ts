/** @file Instants in a zone: daylight saving, other years, the offset that is printed. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assumptionText,
  clockText,
  fullTime,
  isZone,
  offsetText,
  rangeText,
  shortTime,
  wallText,
} from '../../src/renderer/lib/time.ts';

const berlin = 'Europe/Berlin';
const now = Date.UTC(2026, 10, 20, 13, 2);

describe('times', () => {
  it('say today by the clock, this year by the day, other years with the year', () => {
    expect(shortTime(Date.UTC(2026, 10, 20, 12, 58), berlin, now)).toBe('13:58');
    expect(shortTime(Date.UTC(2026, 10, 19, 11, 31), berlin, now)).toBe('19 Nov 12:31');
    expect(shortTime(Date.UTC(2005, 5, 4, 4, 12), berlin, now)).toBe('4 Jun 2005 06:12');
  });

  it('let the zone decide which day is today', () => {
    const late = Date.UTC(2026, 10, 19, 23, 30);
    expect(shortTime(late, berlin, now)).toBe('00:30');
    expect(shortTime(late, 'UTC', now)).toBe('19 Nov 23:30');
  });

  it('print midnight as 00, not as 24', () => {
    expect(clockText(Date.UTC(2026, 10, 19, 23, 0, 7), berlin)).toBe('00:00:07');
  });

  it('are those of the platform in every zone and year, though it is asked only once a quarter of an hour', () => {
    const zones = [
      'UTC',
      berlin,
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'America/St_Johns',
      'Pacific/Apia',
      'Africa/Monrovia',
    ];
    const moments = fc.oneof(
      fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2100, 0) }),
      // Around the jumps of a year.
      fc.integer({ min: Date.UTC(2026, 2, 28), max: Date.UTC(2026, 3, 6) }),
      fc.integer({ min: Date.UTC(2026, 9, 3), max: Date.UTC(2026, 10, 2) }),
    );
    const said = new Map(
      zones.map((zone) => [
        zone,
        new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'medium' }),
      ]),
    );
    fc.assert(
      fc.property(moments, fc.constantFrom(...zones), (at, zone) => {
        const [date, clock] = (said.get(zone)?.format(at) ?? '').split(', ');
        const [day, month, year] = (date ?? '').split('/');
        expect([wallText(at, zone), clockText(at, zone)]).toEqual([
          `${year}-${month}-${day}T${clock?.slice(0, 5)}`,
          clock,
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  it('follow daylight saving, also where it jumps', () => {
    expect(offsetText(Date.UTC(2026, 6, 1), berlin)).toBe('UTC+02:00');
    expect(offsetText(now, berlin)).toBe('UTC+01:00');
    expect(offsetText(now, 'UTC')).toBe('UTC');
    expect(offsetText(now, 'Asia/Kathmandu')).toBe('UTC+05:45');
    expect(offsetText(now, 'America/St_Johns')).toBe('UTC−03:30');
    expect(fullTime(Date.UTC(2026, 2, 29, 0, 59, 59), berlin)).toBe('29 Mar 2026 01:59:59');
    expect(fullTime(Date.UTC(2026, 2, 29, 1, 0, 0), berlin)).toBe('29 Mar 2026 03:00:00');
  });

  it('name the day of a range once', () => {
    const from = Date.UTC(2026, 10, 20, 8, 19);
    expect(rangeText(from, from + 3_600_000, berlin, now)).toBe('20 Nov 09:19 to 10:19');
    expect(rangeText(from, from + 86_400_000, berlin, now)).toBe('20 Nov 09:19 to 21 Nov 09:19');
  });

  it('know which names are zones', () => {
    expect(isZone('Europe/Berlin')).toBe(true);
    expect(isZone('Europe/Nowhere')).toBe(false);
  });

  it('state what was assumed, and nothing where nothing was', () => {
    expect(assumptionText({ year: null, zone: null })).toBe('');
    expect(assumptionText({ year: 2026, zone: 'UTC' })).toContain('2026');
  });
});
