/** @file Changes of the threshold that come at once: the one asked for last is the one in force. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Threshold } from '../../src/shared/thresholds.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { fileFolder } from '../helpers/folders.ts';
import { quietOffice, rogueLines, watchedOffice, writeOffice } from '../helpers/office.ts';

let test: TestApp;

beforeAll(async () => {
  const folder = fileFolder();
  test = await openApp(join(folder, 'workspace'));
  const quiet = await importLog(test, writeOffice(join(folder, 'quiet.log'), quietOffice).path);
  const watched = await importLog(test, writeOffice(join(folder, 'watched.log'), watchedOffice, rogueLines).path);
  await learnFrom(test, [quiet]);
  await scoreSources(test, [watched]);
});
afterAll(async () => test.close());

const current = async (): Promise<Threshold | undefined> =>
  (await test.ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent);

describe('the threshold', () => {
  it('keeps a budget that is set while a verdict is being learned from (the refit wrote the old one back)', async () => {
    const { rows } = await test.ask('alerts.list', { tab: 'open', limit: 3 });
    for (const { id } of rows) await test.ask('verdicts.give', { alertId: id, value: 'false_positive_logic' });
    await test.ask('thresholds.set_budget', { budget: { alerts: 50, per: '100k' } });
    await test.app.parts.thresholds.settled();
    expect((await current())?.budget).toEqual({ alerts: 50, per: '100k' });
    // What the verdicts taught is fitted on top of the new budget, not forgotten.
    expect((await current())?.verdictCount).toBeGreaterThan(0);
  });

  it('stays where the analyst put it back, whatever verdicts come (undoing would not last a minute)', async () => {
    const first = (await test.ask('thresholds.list', {})).at(-1);
    await test.ask('thresholds.revert', { version: first?.version ?? 1 });
    const { rows } = await test.ask('alerts.list', { tab: 'open', limit: 2 });
    for (const { id } of rows) await test.ask('verdicts.give', { alertId: id, value: 'false_positive_logic' });
    await test.app.parts.thresholds.settled();
    expect(await current()).toMatchObject({ reason: 'reverted', score: first?.score });
    await test.ask('thresholds.set_budget', { budget: { alerts: 40, per: '100k' } });
    await test.app.parts.thresholds.settled();
    expect((await current())?.reason).not.toBe('reverted');
  });

  it('tells every change, with what it did to the queue', async () => {
    const told = test.next('threshold.changed');
    await test.ask('thresholds.set_budget', { budget: { alerts: 5, per: '100k' } });
    const { text, openMoved } = await told;
    expect(text).toMatch(/^Threshold v\d+: (raised|lowered|set) by the budget\./);
    // The list says the figure by itself.
    const said = /(\d+) open alerts? (fell below|came above) it/.exec(text);
    expect(openMoved).toBe(said ? Number(said[1]) * (said[2] === 'fell below' ? -1 : 1) : 0);
  });
});
