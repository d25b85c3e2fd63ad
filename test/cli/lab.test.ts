/** @file The lab's log and labels: the same for the same seed, one label a line. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jsonLines, runMain, type Outcome } from '../helpers/cli.ts';
import { testFolder } from '../helpers/folders.ts';

const lab = (folder: string, ...more: string[]): Promise<Outcome> =>
  runMain('lab', '--output', join(folder, 'log'), '--labels', join(folder, 'labels'), ...more);

it('gives the same bytes for the same seed, others for another', async () => {
  const [one, two, other] = [testFolder(), testFolder(), testFolder()];
  await lab(one, '--lines', '1500', '--seed', '5');
  await lab(two, '--lines', '1500', '--seed', '5');
  await lab(other, '--lines', '1500', '--seed', '6');
  for (const name of ['log', 'labels'])
    expect(readFileSync(join(one, name)).equals(readFileSync(join(two, name)))).toBe(true);
  expect(readFileSync(join(one, 'log')).equals(readFileSync(join(other, 'log')))).toBe(false);
});

it('labels every line, in order, with what it is', async () => {
  const folder = testFolder();
  const outcome = await lab(folder, '--lines', '2500', '--seed', '1', '--anomaly-rate', '0.05');
  const labels = jsonLines(readFileSync(join(folder, 'labels'), 'utf8'));
  expect(readFileSync(join(folder, 'log'), 'utf8').split('\n')).toHaveLength(2501);
  expect(labels.map(({ line }) => line)).toEqual(Array.from({ length: 2500 }, (_row, index) => index + 1));
  for (const label of labels) {
    expect(Object.keys(label)).toEqual(['line', 'label', 'kind']);
    expect(['normal', 'anomaly']).toContain(label['label']);
    expect(label['kind']).toMatch(/^[a-z-]+$/);
  }
  const anomalies = labels.filter(({ label }) => label === 'anomaly').length;
  expect(outcome.json()).toEqual([{ lines: 2500, anomalies }]);
  expect(anomalies).toBeGreaterThan(0);
});

it('of one line is one line, and at rate nought has no attack', async () => {
  const folder = testFolder();
  expect((await lab(folder, '--lines', '1', '--seed', '9')).json()).toMatchObject([{ lines: 1 }]);
  expect(readFileSync(join(folder, 'log'), 'utf8').match(/\n/g)).toHaveLength(1);
  expect((await lab(folder, '--lines', '2000', '--seed', '9', '--anomaly-rate', '0')).json()).toEqual([
    { lines: 2000, anomalies: 0 },
  ]);
});

it('says which file cannot be written', async () => {
  const folder = testFolder();
  mkdirSync(join(folder, 'labels'));
  expect(await lab(folder, '--lines', '5', '--seed', '1')).toMatchObject({
    status: 3,
    stdout: '',
    stderr: expect.stringContaining('cannot be written') as string,
  });
  const missing = join(folder, 'no', 'where');
  expect(existsSync(missing)).toBe(false);
  expect((await lab(missing, '--lines', '5', '--seed', '1')).status).toBe(3);
});
