/** @file A clock that is set back by a day in the middle of the work. Catches an order that was taken from times instead of from what happened. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { importLog, openApp, scoreSources } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';

const day = 86_400_000;

it('verdicts, thresholds, cases and backups keep their order, and times are shown as they are', async () => {
  const learned = await learnOffice();
  const workspace = await learned.copy(join(testFolder(), 'workspace'));
  let now = Date.now();
  const test = await openApp(workspace, { now: () => now });
  await scoreSources(test, [await importLog(test, learned.watched.path)]);
  const { rows } = await test.ask('alerts.list', { tab: 'open' });
  const [first = '', second = ''] = rows.map(({ id }) => id);
  await test.ask('thresholds.set_budget', { budget: { alerts: 500, per: '100k' } });
  const given = await test.ask('verdicts.give', { alertId: first, value: 'undetermined' });
  const older = await test.ask('cases.create', { title: 'Before', alertIds: [first] });

  now -= day;
  const after = await test.ask('verdicts.give', { alertId: second, value: 'undetermined' });
  expect(after.verdict.givenAt).toBe(given.verdict.givenAt - day);
  const again = await test.ask('verdicts.give', { alertId: first, value: 'true_positive' });
  const newer = await test.ask('cases.create', { title: 'After', alertIds: [second] });
  const threshold = await test.ask('thresholds.set_budget', { budget: { alerts: 400, per: '100k' } });

  expect((await test.ask('cases.list', {})).map(({ id }) => id)).toEqual([newer.id, older.id]);
  // The last verdict is in force, and undo takes back whatever was done from the last on.
  expect((await test.ask('alerts.get', { alertId: first })).row.verdict).toEqual(again.verdict);
  const undo = (): Promise<unknown> => test.ask('actions.undo', {});
  expect(await undo()).toMatchObject({ kind: 'case' });
  expect(await undo()).toMatchObject({ kind: 'verdict', alertId: first });
  expect(await undo()).toMatchObject({ kind: 'verdict', alertId: second });
  expect(await undo()).toMatchObject({ kind: 'case' });
  expect(await undo()).toMatchObject({ kind: 'verdict', alertId: first });
  expect(await test.ask('actions.redo', {})).toMatchObject({ kind: 'verdict', alertId: first });
  await test.app.parts.thresholds.settled(); // the verdicts may have moved it on
  const [current] = await test.ask('thresholds.list', {});
  expect(current?.isCurrent).toBe(true);
  expect(current?.version).toBeGreaterThanOrEqual(threshold.version);
  // What is asked for now is the newest job, a backup of now the newest backup, and the audit is whole.
  const scored = await scoreSources(test, [...new Set((await test.ask('sources.list', {})).map(({ id }) => id))]);
  expect((await test.ask('jobs.list', {}))[0]?.id).toBe(scored.id);
  await test.app.parts.backups.makeWhenDue();
  const { backup } = await test.ask('status.get', {});
  expect(backup.newest?.madeAt).toBe(Math.floor(now / 1000) * 1000);
  expect(await test.app.parts.services.store.call('verify_audit', undefined)).toMatchObject({ brokenAt: null });
  await test.close();
  const reopened = await openApp(workspace, { now: () => now - 300 * day });
  expect((await reopened.ask('status.get', {})).backup.newest).toEqual(backup.newest);
  await reopened.close();
});
