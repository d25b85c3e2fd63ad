/**
 * @file The gate over the command line: what it is against is refused in words and by the exit status, adopted only in so many words, taken back by one command, and
 * all of it is in the audit. Catches a way round the gate, and alerts of a model that is no longer in use.
 */
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { runMain } from '../helpers/cli.ts';
import { fileFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';
import { writeOffice, type OfficeLog } from '../helpers/office.ts';

let workspace: string;
let watched: OfficeLog;
const run = (command: string, ...args: string[]): ReturnType<typeof runMain> =>
  runMain(command, '--workspace', workspace, ...args);

async function inApp<T>(work: (test: TestApp) => Promise<T>): Promise<T> {
  const test = await openApp(workspace);
  try {
    return await work(test);
  } finally {
    await test.close();
  }
}
const modelInUse = async (): Promise<unknown> =>
  (await run('models')).json().find(({ state }) => state === 'in_use')?.number;
/** By which model the newest run of the log was. */
const judgedBy = (): Promise<number | undefined> =>
  inApp(async ({ app, ask }) => {
    const { store } = app.parts.services;
    for (const { id, number } of await ask('models.list', {})) {
      const runs = await store.call('list_runs', { modelId: id });
      if (runs.some(({ sourceName }) => sourceName === 'judged.log')) return number;
    }
    return undefined;
  });

beforeAll(async () => {
  const office = await learnOffice();
  const folder = fileFolder();
  workspace = await office.copy(join(folder, 'workspace'));
  watched = writeOffice(join(folder, 'judged.log'), { lines: 9000, seed: 5, anomalyRate: 0.03 });
  await inApp(async (test) => {
    const sourceId = await importLog(test, watched.path);
    await test.ask('thresholds.set_budget', { budget: { alerts: 1000, per: '100k' } });
    await scoreSources(test, [sourceId]);
  });
}, 240_000);

it('refuses, proposes, refuses again, adopts in so many words, and goes back', async () => {
  const few = await run('retrain');
  expect([few.status, few.stderr]).toEqual([3, expect.stringMatching(/at least 8 threats and 8 false alarms/)]);
  const none = await run('adopt');
  expect([none.status, none.stderr]).toEqual([3, expect.stringContaining('No retrained model waits for a decision')]);

  await inApp(async (test) => {
    const { rows } = await test.ask('alerts.list', { limit: 1000 });
    for (const { id, lineNumber, sourceName } of rows) {
      if (sourceName !== 'judged.log') continue;
      const value = watched.isAnomaly[lineNumber - 1] ? 'true_positive' : 'false_positive_logic';
      await test.ask('verdicts.give', { alertId: id, value });
    }
    await test.app.parts.thresholds.rescored();
  });
  const made = await run('retrain', '--seed', '1');
  expect([made.status, made.json()]).toMatchObject([0, [{ number: 2, retrainedFrom: 1, state: 'proposed' }]]);
  expect(await modelInUse()).toBe(1);

  const vanished = await inApp(async ({ ask }) => {
    const [retraining] = await ask('retrain.list', {});
    return retraining?.report.replay.vanish.first.find(({ verdict }) => verdict !== 'true_positive')?.alertId;
  });
  if (vanished === undefined) throw new Error('No false alarm vanishes: choose another seed.');
  const labelled = await run('label', '--alert', vanished, '--verdict', 'true_positive');
  expect([labelled.status, labelled.json()]).toMatchObject([0, [{ alert: vanished, verdict: 'true_positive' }]]);

  let sentence = '';
  for (const override of [[], ['--override', 'yes']]) {
    const refused = await run('adopt', ...override);
    expect([refused.status, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toMatch(/^The gate is against m2\. .*It loses .*confirmed threats?\./);
    sentence = /say: (adopt m2 although it loses .*)$/m.exec(refused.stderr)?.[1] ?? '';
    expect(sentence).not.toBe('');
    expect(await modelInUse()).toBe(1);
  }

  const adopted = await run('adopt', '--model', 'm2', '--override', sentence);
  expect([adopted.status, adopted.json()]).toMatchObject([0, [{ number: 2, state: 'adopted', override: sentence }]]);
  expect(await modelInUse()).toBe(2);
  expect(await judgedBy()).toBe(2);

  const back = await run('rollback');
  expect([back.status, back.json()]).toMatchObject([0, [{ number: 1, state: 'in_use' }]]);
  expect(await modelInUse()).toBe(1);
  expect(await judgedBy()).toBe(1);
  const discarded = await run('discard', '--model', 'm2');
  expect([discarded.status, discarded.stderr]).toEqual([3, expect.stringContaining('m2 was adopted already')]);

  const db = new Database(join(workspace, 'surprisal.db'), { readonly: true });
  const steps = db
    .prepare<[], { action: string; details: string }>(
      `SELECT action, details FROM audit WHERE action LIKE 'retraining.%' OR action = 'model.rolled_back' ORDER BY sequence`,
    )
    .all();
  db.close();
  expect(steps.map(({ action }) => action)).toEqual([
    'retraining.proposed',
    // Bug: that somebody asked for what the gate is against was written nowhere.
    ...['retraining.refused', 'retraining.refused'],
    ...['retraining.adopted', 'model.rolled_back'],
  ]);
  const [, refusal = '', , adoption = ''] = steps.map(({ details }) => details);
  expect(JSON.parse(refusal)).toMatchObject({ failed: expect.arrayContaining(['lost']), lost: expect.any(Number) });
  expect(adoption).toContain(sentence);
  expect((await run('verify-audit')).status).toBe(0);
}, 400_000);
