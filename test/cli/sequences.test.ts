/** @file Sessions of event ids, one a line: scored again they replace their run, and their alerts explain themselves. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { currentThreshold } from '../../src/main/app/thresholdInForce.ts';
import { openApp } from '../helpers/app.ts';
import { jsonLines, runMain } from '../helpers/cli.ts';
import { testFolder } from '../helpers/folders.ts';

it('replace their run when scored again, keep the lines of their table, and show the session itself as the reason', async () => {
  const folder = testFolder();
  const workspace = join(folder, 'workspace');
  const normal = join(folder, 'normal');
  writeFileSync(
    normal,
    `${Array.from({ length: 400 }, (_unused, line) => (line % 3 ? '1 2 3 4' : '1 2 2 3 4')).join('\n')}\n`,
  );
  const table = join(folder, 'watched.csv');
  writeFileSync(table, 'Sequence,label\n1 2 3 4,0\n4 3 99 1,1\n1 2 2 3 4,0\n');
  const rows = join(folder, 'rows.jsonl');
  const learned = await runMain(
    'learn',
    '--workspace',
    workspace,
    '--input',
    normal,
    '--sequences',
    '--budget',
    '1000/100k',
  );
  expect(learned.status).toBe(0);
  for (let time = 0; time < 2; time++) {
    const scored = await runMain('score', '--workspace', workspace, '--input', table, '--output', rows, '--sequences');
    expect(scored.json()).toMatchObject([{ sessions: 3 }]);
  }
  // The header is no session and has no row.
  const lines = jsonLines(readFileSync(rows, 'utf8')).map(({ line }) => line);
  expect(lines).toEqual([2, 3, 4]);
  const test = await openApp(workspace);
  const sources = await test.ask('sources.list', {});
  expect(sources.map(({ name, format }) => [name, format])).toEqual([
    ['normal', 'sequences'],
    ['watched.csv', 'sequences'],
  ]);
  const { rows: alerts } = await test.ask('alerts.list', { tab: 'open' });
  expect(alerts.map(({ lineNumber }) => lineNumber)).toEqual([3]);
  const detail = await test.ask('alerts.get', { alertId: alerts[0]?.id ?? '' });
  expect(detail.session.events.map(({ text }) => text)).toEqual([
    ...['event id 4', 'event id 3', 'event id 99', 'event id 1'],
    'end of session',
  ]);
  const culprits = detail.session.events.filter(({ isCulprit }) => isCulprit);
  expect(culprits).toHaveLength(1);
  expect(culprits[0]?.expected.length).toBeGreaterThan(0);
  // Verdicts teach it what they teach any model at once, and it says why it is not retrained.
  await test.ask('verdicts.give', { alertId: alerts[0]?.id ?? '', value: 'false_positive_logic' });
  await test.app.parts.thresholds.settled();
  const current = await currentThreshold(test.app.parts.services);
  expect(current).toMatchObject({ reason: 'verdicts', taught: { joined: { rows: 3 } } });
  const { missing } = await test.ask('retrain.plan', {});
  expect(missing).toMatch(/m1 learned sessions of ids.*What verdicts say is in force/);
  expect(await test.refusal('retrain.start', {})).toMatchObject({ code: 'CONFLICT', message: missing });
  await test.close();
});
