import { describe, expect, it } from 'vitest';
import { assumeTimes, createLineParser } from '../../src/main/ingest/parser.ts';
import { ZoneOffsets } from '../../src/main/ingest/zones.ts';

function timesOf(lines: readonly string[], year: number, zone = 'UTC'): (string | null)[] {
  const parse = createLineParser('syslog3164', { year, zone });
  return lines.map((line) => {
    const { at } = parse(line);
    return at === null ? null : new Date(at).toISOString().slice(0, 19);
  });
}

const line = (stamp: string): string => `${stamp} web1 cron: x`;

describe('the turn of the year', () => {
  it('steps from December to January', () => {
    expect(timesOf([line('Dec 31 23:59:59'), line('Jan  1 00:00:00'), line('Jan  2 00:00:00')], 2023)).toEqual([
      '2023-12-31T23:59:59',
      '2024-01-01T00:00:00',
      '2024-01-02T00:00:00',
    ]);
  });

  it('steps once for every turn, across a leap day', () => {
    const stamps = [
      'Nov 30 10:00:00',
      'Jan  2 10:00:00',
      'Feb 29 10:00:00',
      'Jul  1 10:00:00',
      'Dec  1 10:00:00',
      'Jan  5 10:00:00',
    ];
    expect(timesOf(stamps.map(line), 2023).at(-1)).toBe('2025-01-05T10:00:00');
    expect(timesOf(stamps.map(line), 2023)[2]).toBe('2024-02-29T10:00:00');
  });

  it('does not step for a small jump back', () => {
    expect(timesOf([line('Mar  4 10:00:05'), line('Mar  4 10:00:01'), line('Feb 28 10:00:00')], 2024).at(-1)).toBe(
      '2024-02-28T10:00:00',
    );
  });

  it('dates a late line of December behind one of January to the old year and goes on in the new', () => {
    expect(
      timesOf(
        [line('Dec 31 23:59:00'), line('Jan  1 00:00:10'), line('Dec 31 23:59:59'), line('Jan  1 00:00:20')],
        2023,
      ),
    ).toEqual(['2023-12-31T23:59:00', '2024-01-01T00:00:10', '2023-12-31T23:59:59', '2024-01-01T00:00:20']);
  });

  it('is not turned by one forged stamp far ahead: the lines behind it keep their year', () => {
    const stamps = ['Mar  4 10:00:00', 'Nov 20 10:00:00', 'Mar  4 10:00:01', 'Mar  5 10:00:00'];
    expect(timesOf(stamps.map(line), 2024)).toEqual([
      '2024-03-04T10:00:00',
      '2024-11-20T10:00:00',
      '2024-03-04T10:00:01',
      '2024-03-05T10:00:00',
    ]);
  });

  it('is not turned by two of them either', () => {
    const stamps = ['Mar  4 10:00:00', 'Nov 20 10:00:00', 'Nov 20 10:01:00', 'Mar  4 10:00:01'];
    expect(timesOf(stamps.map(line), 2024).slice(2)).toEqual(['2024-11-20T10:01:00', '2024-03-04T10:00:01']);
  });

  it('follows a log that pauses for months', () => {
    const stamps = ['Jan  4 10:00:00', 'Sep 20 10:00:00', 'Sep 21 10:00:00', 'Feb  1 10:00:00', 'Feb  2 10:00:00'];
    expect(timesOf(stamps.map(line), 2023).slice(2)).toEqual([
      '2023-09-21T10:00:00',
      '2024-02-01T10:00:00',
      '2024-02-02T10:00:00',
    ]);
  });
});

describe('zones', () => {
  it('reads stamps without one in the assumed zone, summer and winter', () => {
    expect(timesOf([line('Jan 10 12:00:00'), line('Jul 10 12:00:00')], 2024, 'Europe/Berlin')).toEqual([
      '2024-01-10T11:00:00',
      '2024-07-10T10:00:00',
    ]);
  });

  it('agrees with Intl over a day that changes its offset, and handles zones of odd offsets', () => {
    for (const zone of [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Africa/Casablanca',
    ]) {
      const offsets = new ZoneOffsets(zone);
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
      for (let at = Date.UTC(2024, 0, 1); at < Date.UTC(2025, 0, 1); at += 5_400_000 * 7 + 60_000) {
        const wall = Date.parse(`${format.format(at).replace(' ', 'T')}Z`);
        expect(offsets.offsetAt(at), `${zone} ${new Date(at).toISOString()}`).toBe(wall - at);
        // Except in the hour that comes twice, the wall clock leads back to the instant.
        const back = offsets.toUtc(wall);
        expect(Math.abs(back - at) === 0 || Math.abs(back - at) <= 3_600_000).toBe(true);
      }
    }
  });

  it('reads the hour that comes twice as its first, and the hour that is missing as the one behind', () => {
    const berlin = new ZoneOffsets('Europe/Berlin');
    expect(new Date(berlin.toUtc(Date.UTC(2024, 9, 27, 2, 30))).toISOString()).toBe('2024-10-27T00:30:00.000Z');
    const missing = berlin.toUtc(Date.UTC(2024, 2, 31, 2, 30));
    expect(new Date(missing).toISOString()).toBe('2024-03-31T01:30:00.000Z');
  });

  it('refuses a zone that does not exist', () => {
    expect(() => createLineParser('syslog3164', { year: 2024, zone: 'Mars/Base' })).toThrow(/not a time zone/);
  });

  it('does not move stamps that state their zone', () => {
    const parse = createLineParser('stamped', { year: null, zone: 'Asia/Tokyo' });
    expect(parse('2024-03-04T09:00:00Z x').at).toBe(Date.UTC(2024, 2, 4, 9));
    expect(parse('2024-03-04T09:00:00 x').at).toBe(Date.UTC(2024, 2, 4, 0));
    expect(parse('2024-03-04T09:00:01Z x').at).toBe(Date.UTC(2024, 2, 4, 9, 0, 1));
  });
});

describe('assumeTimes', () => {
  const changedAt = Date.UTC(2024, 2, 10, 12);

  it('takes the latest year that does not lie in the future of the file', () => {
    expect(assumeTimes('syslog3164', [line('Mar  4 10:00:00')], changedAt, 'UTC')).toEqual({ year: 2024, zone: 'UTC' });
    expect(assumeTimes('syslog3164', [line('Oct  4 10:00:00')], changedAt, 'UTC')).toEqual({ year: 2023, zone: 'UTC' });
  });

  it('finds a leap year for 29 February', () => {
    expect(assumeTimes('syslog3164', [line('Feb 29 10:00:00')], Date.UTC(2026, 5, 1), 'UTC').year).toBe(2024);
  });

  it('assumes nothing that the log states', () => {
    const combined = '192.0.2.7 - - [10/Oct/2023:13:55:36 -0700] "GET / HTTP/1.0" 200 2326';
    expect(assumeTimes('combined', [combined], changedAt, 'Europe/Berlin')).toEqual({ year: null, zone: null });
    const bgl = '- 1120000000 2005.06.28 R07-M0 2005-06-28-16.06.40.120450 R07-M0 RAS KERNEL INFO x';
    expect(assumeTimes('bgl', [bgl], changedAt, 'Europe/Berlin')).toEqual({ year: null, zone: null });
    expect(assumeTimes('stamped', ['2024-03-04 09:00:00 x'], changedAt, 'Europe/Berlin')).toEqual({
      year: null,
      zone: 'Europe/Berlin',
    });
    expect(assumeTimes('plain', ['x'], changedAt, 'Europe/Berlin')).toEqual({ year: null, zone: null });
  });
});

describe('a line of another format in a log', () => {
  it('has its time where it states one whole, and turns no year', () => {
    const lines = [
      line('Nov 20 10:00:00'),
      '{"time":"2026-11-26T15:14:26.915Z","level":"info","msg":"listener ready"}',
      '10.20.2.57 - - [23/Nov/2026:16:58:45 +0000] "GET /shell.jsp?cmd=id HTTP/1.1" 200 51',
      'Traceback (most recent call last):',
      line('Nov 20 10:00:01'),
    ];
    expect(timesOf(lines, 2026)).toEqual([
      '2026-11-20T10:00:00',
      '2026-11-26T15:14:26',
      '2026-11-23T16:58:45',
      null,
      '2026-11-20T10:00:01',
    ]);
  });
});
