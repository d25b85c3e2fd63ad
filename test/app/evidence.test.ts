/** @file How the model came to an alert: the picture is of the bits that raised it, for models that were made before there was one, too. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importLog, openApp, scoreSources } from '../helpers/app.ts';
import { learnOffice } from '../helpers/learned.ts';

test('it is made when it is asked for, and says of what surprised the bits that it was judged by', async () => {
  const learned = await learnOffice();
  const workspace = await learned.copy();
  const app = await openApp(workspace);
  await scoreSources(app, [await importLog(app, learned.watched.path)]);
  const { rows } = await app.ask('alerts.list', { tab: 'open' });
  const [model = ''] = readdirSync(join(workspace, 'models'));
  const file = join(workspace, 'models', model, 'evidence.onnx');
  expect(existsSync(file)).toBe(false);
  for (const row of rows.slice(0, 5)) {
    const shown = await app.ask('alerts.evidence', { alertId: row.id });
    expect(existsSync(file)).toBe(true);
    expect([shown.layer, shown.head]).toEqual([shown.layers - 1, null]);
    const T = shown.attention.length;
    expect([shown.tokens.length, shown.alternatives.length]).toEqual([T + 1, T]);
    for (const [t, shares] of shown.attention.entries()) {
      expect(shares.length).toBe(t + 1);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 2);
    }
    const detail = await app.ask('alerts.get', { alertId: row.id });
    const worst = Math.max(...detail.session.events.filter(({ isCulprit }) => isCulprit).map(({ bits }) => bits));
    expect(shown.tokens.filter(({ isCulprit }) => isCulprit).map(({ bits }) => bits)).toContain(worst);
  }
  const alertId = rows[0]?.id ?? '';
  const one = await app.ask('alerts.evidence', { alertId, layer: 0, head: 1 });
  expect([one.layer, one.head]).toEqual([0, 1]);
  expect(await app.refusal('alerts.evidence', { alertId, layer: 99 })).toMatchObject({ code: 'BAD_REQUEST' });
  writeFileSync(file, 'cut off');
  expect(await app.ask('alerts.evidence', { alertId, layer: 0, head: 1 })).toEqual(one);
  await app.close();

  rmSync(join(workspace, 'models'), { recursive: true });
  const without = await openApp(workspace);
  expect(await without.refusal('alerts.evidence', { alertId })).toMatchObject({ code: 'CONFLICT' });
  await without.close();
});
