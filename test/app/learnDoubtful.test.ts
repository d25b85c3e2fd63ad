/** @file Learning from a log that was watched. Catches what lies under an open alert becoming normal without a word. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { importLog, learnFrom, openApp, scoreSources } from '../helpers/app.ts';
import { fileFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';

test('says how many open and confirmed alerts lie in the logs it learned from, and nothing of logs without any', async () => {
  const learned = await learnOffice();
  const app = await openApp(await learned.copy(join(fileFolder(), 'workspace')));
  onTestFinished(() => app.close());
  const [quiet] = await app.ask('sources.list', {});
  const watchedId = await importLog(app, learned.watched.path);
  await scoreSources(app, [watchedId]);
  const { rows, counts } = await app.ask('alerts.list', { tab: 'open', limit: 500 });
  expect(rows.length).toBeGreaterThan(1);
  // A false alarm may be learned, a confirmed threat not.
  await app.ask('verdicts.give', { alertId: rows[0]?.id ?? '', value: 'true_positive' });
  await app.app.parts.thresholds.settled();
  expect((await learnFrom(app, [quiet?.id ?? 0])).outcome).not.toContain('taken as normal');
  const again = await app.ask('alerts.list', { tab: 'open', limit: 500 });
  expect(counts.open).toBeGreaterThan(0);
  const { outcome } = await learnFrom(app, [watchedId]);
  const [, said] = /What lies under ([\d,]+) alerts of these logs/.exec(outcome ?? '') ?? [];
  expect(Number(said?.replaceAll(',', ''))).toBeGreaterThan(again.rows.length);
});
