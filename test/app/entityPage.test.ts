/** @file Activity of an entity, days of the overview and their waits, and all three over a real log. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activityOf } from '../../src/main/app/entityPage.ts';
import { calendarEdges, dayEdges } from '../../src/main/app/calendar.ts';
import { waitsOf } from '../../src/main/app/overview.ts';
import { ZoneOffsets } from '../../src/main/ingest/zones.ts';
import { openApp, type TestApp } from '../helpers/app.ts';

const dayMs = 86_400_000;
const utc = new ZoneOffsets('UTC');

describe('activity', () => {
  it('counts every line once, the first and the last moment included', () => {
    const times = [0, 1, 59, 60, 120].map((second) => second * 1000);
    const activity = activityOf({ spans: [], times }, utc);
    expect(activity?.counts.reduce((sum, count) => sum + count)).toBe(5);
    expect([activity?.counts[0], activity?.counts.at(-1), activity?.isSpread]).toEqual([2, 1, false]);
  });

  it('of one moment is one piece, and of no time nothing', () => {
    const piece = { edges: [0, 1000], per: 'second', pieceMs: 1000, counts: [2], isSpread: false };
    expect(activityOf({ spans: [], times: [7, 7] }, utc)).toEqual(piece);
    expect(activityOf({ spans: [], times: [] }, utc)).toBeNull();
  });

  it('spreads sessions over their time where the lines’ own times are too many', () => {
    const activity = activityOf({ spans: [{ from: 0, to: 5999, count: 600 }], times: null }, utc);
    expect(new Set(activity?.counts)).toEqual(new Set([100]));
  });

  it('has its edges where the calendar of the zone has them: hours, days, Mondays and months, at most so many', () => {
    const berlin = new ZoneOffsets('Europe/Berlin');
    const from = Date.UTC(2026, 8, 30, 21, 59);
    const edgesOver = (ms: number): string[] =>
      calendarEdges(from, from + ms, berlin, 60)
        .edges.slice(0, 3)
        .map((edge) => new Date(edge).toISOString().slice(0, 16));
    expect(edgesOver(40 * 3_600_000)).toEqual(['2026-09-30T21:00', '2026-09-30T22:00', '2026-09-30T23:00']);
    expect(edgesOver(45 * dayMs)).toEqual(['2026-09-29T22:00', '2026-09-30T22:00', '2026-10-01T22:00']);
    expect(edgesOver(90 * dayMs)[0]).toBe('2026-09-27T22:00');
    expect(edgesOver(1500 * dayMs)).toEqual(['2026-08-31T22:00', '2026-09-30T22:00', '2026-10-31T23:00']);
    for (const days of [0.001, 1, 30, 400, 5000, 90_000]) {
      const { edges } = calendarEdges(from, from + days * dayMs, berlin, 60);
      expect(edges.length).toBeLessThanOrEqual(61);
      expect(edges.at(-1)).toBeGreaterThan(from + days * dayMs);
      expect(edges[0]).toBeLessThanOrEqual(from);
      expect(edges).toEqual([...edges].sort((one, other) => one - other));
    }
  });
});

describe('days', () => {
  it('begin at midnight of the zone, also when the clock is moved (a day of 25 hours must not lose an alert)', () => {
    const noon = Date.UTC(2026, 9, 26, 12);
    const edges = dayEdges(noon, 3, new ZoneOffsets('Europe/Berlin'));
    expect(edges.map((edge) => new Date(edge).toISOString())).toEqual([
      '2026-10-23T22:00:00.000Z',
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
      '2026-10-26T23:00:00.000Z',
    ]);
  });

  it('have the median of the waits that ended in them, and none where none did', () => {
    const wait = (at: number, waitMs: number) => ({ at, waitMs });
    const waits = [wait(1, 10), wait(2, 30), wait(3, 20), wait(dayMs, -5)];
    const found = waitsOf(waits, [0, dayMs, 2 * dayMs, 3 * dayMs]);
    expect(found).toEqual({ count: 4, medianMs: 10, p90Ms: 30, dailyMedianMs: [20, 0, null] });
  });
});

describe('over a log', () => {
  let directory: string;
  let app: TestApp;
  const lines = (user: string, minute: number): string[] => [
    `Sep  7 09:${minute}:01 gw1 sshd[${minute}]: Accepted password for ${user} from 10.20.3.36 port 38718 ssh2`,
    `Sep  7 09:${minute}:02 gw1 sshd[${minute}]: pam_unix(sshd:session): session opened for user ${user} by (uid=0)`,
  ];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'surprisal-entity-'));
    app = await openApp(join(directory, 'workspace'));
    const path = join(directory, 'auth.log');
    await writeFile(path, [...lines('tina', 10), ...lines('<b>tom', 20), ...lines('tina', 50)].join('\n'));
    const token = await app.offer(path);
    const { jobId } = await app.ask('sources.import', { token, thenScore: false });
    await app.finished(jobId);
  });
  afterAll(async () => {
    await app.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  it('an entity is found by its name as the log writes it, and told when it was seen', async () => {
    const page = await app.ask('entities.get', { kind: 'user', text: 'tina' });
    expect([page.by, page.lineCount, page.lines.every(({ raw }) => raw.includes('tina'))]).toEqual([
      'sessions',
      4,
      true,
    ]);
    expect((page.lastAt ?? 0) - (page.firstAt ?? 0)).toBe(40 * 60_000 + 1000);
    expect(await app.ask('entities.get', { kind: 'user', text: 'nobody' })).toMatchObject({
      lineCount: 0,
      firstAt: null,
    });
  });

  it('the overview of a workspace without alerts answers with empty days; a zone that is none is refused', async () => {
    const report = await app.ask('overview.get', { zone: 'Asia/Kolkata', days: 7 });
    expect([report.days.length, report.edges.length, report.toVerdict.medianMs]).toEqual([7, 8, null]);
    expect((await app.refusal('overview.get', { zone: 'Middle/Earth', days: 7 })).code).toBe('BAD_INPUT');
    expect(await app.ask('entities.list', {})).toEqual([]);
  });
});
