/** @file The report of a span over a real workspace: what was read, decided and left is in it, in every format; what is taken out is nowhere; the same bytes again. */
import { beforeAll, describe, expect, it } from 'vitest';
import { gatherPeriod } from '../../src/main/app/periodFacts.ts';
import { readPeriod } from '../../src/main/app/periods.ts';
import { renderPeriod } from '../../src/main/report/period/renderPeriod.ts';
import { periodFormats } from '../../src/shared/period.ts';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { learnOffice } from '../helpers/learned.ts';

let test: TestApp;
/** Runs on while nobody asks for the same moment twice. */
let clock = Date.UTC(2026, 10, 20, 12);
const period = { kind: 'shift-8' as const };

async function exported(format: (typeof periodFormats)[number], more: object = {}): Promise<Buffer> {
  const { base64 } = await test.ask('periods.export', { period, format, zone: 'Europe/Berlin', ...more });
  return Buffer.from(base64, 'base64');
}

beforeAll(async () => {
  const learned = await learnOffice();
  test = await openApp(await learned.copy(), { now: () => clock });
  await scoreSources(test, [await importLog(test, learned.watched.path)]);
  const { rows } = await test.ask('alerts.list', { tab: 'open' });
  clock += 60_000;
  const alertId = rows[0]?.id ?? '';
  await test.ask('verdicts.give', { alertId, value: 'true_positive', note: '=1+1' });
  const { id: caseId } = await test.ask('cases.create', { title: 'Beacons', alertIds: [alertId] });
  await test.ask('cases.add_task', { caseId, title: 'Ask them', dueAt: clock - 1 });
  await test.ask('periods.leave_note', { text: 'Watch gw1. <b>bold</b>' });
  clock += 60_000;
});

describe('the report of a shift', () => {
  it('says what was read, raised, decided, left and is open', async () => {
    const { html, span } = await test.ask('periods.preview', { period, zone: 'Europe/Berlin' });
    expect(span).toEqual({ from: clock - 8 * 3_600_000, to: clock });
    for (const words of ['watched.log', 'Watch gw1. &lt;b&gt;bold&lt;/b&gt;', 'Beacons', 'Ask them', 'overdue'])
      expect(html).toContain(words);
    const { period: data } = JSON.parse((await exported('json')).toString('utf8')) as {
      period: {
        alerts: { count: number }[];
        decisionCount: number;
        openTaskCount: number;
        sources: { lineCount: number }[];
      };
    };
    const { counts } = await test.ask('alerts.list', { tab: 'open' });
    const raised = data.alerts.reduce((sum, { count }) => sum + count, 0);
    expect(raised).toBeGreaterThanOrEqual(counts.open + counts.decided);
    expect([data.decisionCount, data.openTaskCount]).toEqual([1, 1]);
    expect(data.sources.some(({ lineCount }) => lineCount > 0)).toBe(true);
  });

  it('comes in every format, each export one entry of the audit, a formula in none', async () => {
    for (const format of periodFormats) expect((await exported(format)).length).toBeGreaterThan(200);
    expect((await exported('csv')).toString('utf8')).toContain('"\'=1+1"');
    const later = await test.ask('periods.preview', { period: { from: clock - 1, to: clock + 1 }, zone: 'UTC' });
    expect(later.html).toMatch(/Report, export \d/);
  });

  it('is the same again, bytes and all, once what it is of stands still', async () => {
    // Exports are entries of the audit themselves: what is compared lies before them.
    const before = { from: clock - 7_200_000, to: clock };
    clock += 60_000;
    const audit = /Audit chain intact[^<"]*/g;
    const text = async () => (await exported('markdown', { period: before })).toString('utf8').replace(audit, '');
    expect(await text()).toBe(await text());
  });

  it('is the same bytes in every format for the same facts', async () => {
    const span = { from: clock - 7_200_000, to: clock };
    const report = await gatherPeriod(test.app.parts, span, 'Europe/Berlin');
    const nothing = { observables: [], personal: false };
    for (const format of periodFormats) {
      const [one, other] = await Promise.all([
        renderPeriod(report, format, nothing),
        renderPeriod(structuredClone(report), format, nothing),
      ]);
      expect({ format, isSame: Buffer.compare(one, other) === 0 }).toEqual({ format, isSame: true });
    }
  });

  it('has nothing of what is taken out of it', async () => {
    const { observables } = await test.ask('periods.preview', { period });
    const taken = observables.find(({ kind }) => kind === 'user' || kind === 'address');
    if (!taken) throw new Error('Nothing is named in it.');
    await test.ask('periods.leave_note', { text: `- Look **for** ${taken.text}` });
    clock += 1000;
    const redaction = { observables: [taken.key], personal: false };
    const text = (await exported('html', { redaction })).toString('utf8');
    expect(text).toContain('What was taken out');
    expect(text).not.toContain(`<bdi>${taken.text}</bdi>`);
    expect(text).toContain(`Look <strong>for</strong> [${taken.kind} 1 taken out]`);
  });

  it('refuses what is no span', async () => {
    for (const span of [
      { from: 5, to: 5 },
      { from: 0, to: 500 * 86_400_000 },
    ])
      expect((await test.refusal('periods.preview', { period: span })).code).toBe('BAD_REQUEST');
  });
});

describe('a span in words', () => {
  it('is a kind, or two local times of the zone', () => {
    expect(readPeriod('week', 'UTC')).toEqual({ kind: 'week' });
    expect(readPeriod('2026-11-20/2026-11-21T06:30', 'Europe/Berlin')).toEqual({
      from: Date.UTC(2026, 10, 19, 23),
      to: Date.UTC(2026, 10, 21, 5, 30),
    });
    for (const text of ['', 'year', '2026-11-20', '1/2', '2026-13-40/2026-11-21', '2026-11-20/2026-11-21/2026-11-22'])
      expect(() => readPeriod(text, 'UTC')).toThrow(/is no span/);
  });
});
