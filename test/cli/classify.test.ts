/** @file `classify` as a user runs it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { madeWindows, writeArchive } from '../helpers/archives.ts';
import { runMain } from '../helpers/cli.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';

let workspace = '';
const labels = madeWindows(60, 2).labels;
const run = (action: string, ...args: string[]): ReturnType<typeof runMain> =>
  runMain('classify', action, '--workspace', workspace, ...args);

beforeAll(async () => {
  workspace = join(fileFolder(), 'workspace');
  const path = join(fileFolder(), 'windows.npz');
  await writeArchive(path, { train: madeWindows(200, 1), test: madeWindows(60, 2) });
  const made = await run('train', '--data', path);
  expect([made.status, made.json()]).toMatchObject([0, [{ classifier: 'c1', state: 'kept', noQuality: null }]]);
}, 120_000);

test('labels, the first anomaly, a sample by index and some samples', async () => {
  const anomalous = labels.filter((label) => label === 1).length;
  expect((await run('labels')).json()).toMatchObject([{ test: { windows: 60, anomalous, normal: 60 - anomalous } }]);
  const [first] = (await run('first-anomaly')).json();
  expect(first).toMatchObject({ classifier: 'c1', index: labels.indexOf(1), label: true });
  const [sample] = (await run('explain')).json();
  expect(sample).toMatchObject({ index: 0, attentionNote: expect.stringMatching(/not the reason/) });
  expect(sample?.['events']).toHaveLength(5);
  const rows = (await run('evaluate', '--count', '7', '--model', 'c1')).json();
  expect(rows).toHaveLength(8);
  expect(rows.at(-1)).toMatchObject({ part: 'test', windows: 7 });
  expect((await run('evaluate')).json()).toHaveLength(21);
});

test('export writes a workbook', async () => {
  const to = join(testFolder(), 'model_explanations.xlsx');
  const { status, json } = await run('export', '--output', to, '--count', '2');
  expect([status, json()]).toMatchObject([0, [{ windows: 2 }]]);
  expect(readFileSync(to).subarray(0, 2).toString()).toBe('PK');
});

test('what cannot be is said with the right status, and makes nothing', async () => {
  expect((await run('explain', '--index', '60')).stderr).toMatch(/has 60 windows to test, from 0; there is no 60/);
  expect((await run('explain', '--model', 'c9')).status).toBe(3);
  expect((await run('train', '--data', 'a.npz', '--verdicts')).status).toBe(2);
  expect((await runMain('classify')).stderr).toMatch(/classify is followed by train/);
  expect((await runMain('classify', 'dance')).status).toBe(2);
  const missing = await run('train', '--data', join(testFolder(), 'nowhere.npz'));
  expect([missing.status, missing.stderr]).toMatchObject([3, expect.stringMatching(/There is no file nowhere\.npz/)]);
  const none = join(testFolder(), 'none');
  expect((await runMain('classify', 'labels', '--workspace', none)).status).toBe(3);
  expect(existsSync(none)).toBe(false);
});
