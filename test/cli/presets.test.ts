/** @file Ways of judging over the command line: only counted, by a text model that is named, by a preset; what cannot be is refused and changes nothing. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { jsonLines, runMain } from '../helpers/cli.ts';
import { fileFolder } from '../helpers/folders.ts';
import { tinyFolder } from '../trainer/checkpoints.ts';

const line = (i: number): string =>
  `2026-10-10 13:${String(Math.floor(i / 60) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')} ${i % 9 === 0 ? 'WARN' : 'INFO'} job ${['build', 'test', 'ship'][i % 3]} ${i % 5 === 0 ? `from 10.0.0.${i % 200}` : 'done'} in /srv/jobs/${i % 7}`;
const odd = 'FATAL XQZ 99 KERNEL PANIC 0123 4567 8901 QWERTY ZXCVB MNBVC ASDFG 7777 HJKLP';

let folder = '';
let quiet = '';
let watched = '';
beforeAll(() => {
  folder = fileFolder();
  [quiet, watched] = [join(folder, 'jobs.log'), join(folder, 'later.log')];
  writeFileSync(quiet, `${Array.from({ length: 400 }, (_, i) => line(i)).join('\n')}\n`);
  const later = Array.from({ length: 60 }, (_, i) => (i > 29 && i < 36 ? `${line(i).slice(0, 20)}${odd}` : line(i)));
  writeFileSync(watched, `${later.join('\n')}\n`);
});

const run = (command: string, ...args: string[]): ReturnType<typeof runMain> =>
  runMain(command, '--workspace', join(folder, 'workspace'), ...args);

async function alerts(...args: string[]): Promise<boolean[]> {
  const output = join(folder, 'out.jsonl');
  const { status, stderr } = await run('score', '--input', watched, '--output', output, ...args);
  expect([status, stderr]).toMatchObject([0, expect.any(String)]);
  return jsonLines(readFileSync(output, 'utf8')).map(({ alert }) => alert === true);
}

test('--counts-only trains nothing, is in use, and is refused with what needs a network', async () => {
  const { status, json } = await run('learn', '--input', quiet, '--counts-only');
  expect(status).toBe(0);
  expect(json()).toMatchObject([
    { number: 1, shape: null, epochs: 0, parameterCount: 0, threshold: { version: 1, preset: { kind: 'budget' } } },
  ]);
  expect((await alerts()).slice(30, 36)).toContain(true);
  const refused = await run('learn', '--input', quiet, '--counts-only', '--preset', 'top_k');
  expect([refused.status, refused.stdout]).toEqual([2, '']);
  const asked = await run('score', '--input', watched, '--output', join(folder, 'none.jsonl'), '--preset', 'top_k');
  expect([asked.status, asked.stdout]).toEqual([3, '']);
  expect(asked.stderr).toContain('Top-K asks what a model expects, and this one only counts.');
}, 60_000);

test('--preset tutorial wants a text model that was trained on windows, --text-model names it, and score goes back to the budget', async () => {
  const lines = await run('train', '--input', quiet, '--kind', 'text', '--name', 'lines', '--epochs', '1');
  expect(lines.json()).toMatchObject([{ name: 'lines', reads: 'lines' }]);
  const learn = ['learn', '--input', quiet, '--counts-only', '--preset', 'tutorial'] as const;
  for (const more of [[], ['--text-model', 'lines']]) {
    const refused = await run(...learn, ...more);
    expect([refused.status, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toContain('no text model that was trained on windows is chosen. Train one');
  }
  const training = ['train', '--input', quiet, '--kind', 'text', '--name', 'tens', '--reads', 'windows'] as const;
  const windows = await run(...training, '--epochs', '8');
  expect(windows.json()).toMatchObject([{ name: 'tens', reads: 'windows', shape: { contextLength: 512 } }]);
  const learned = await run(...learn, '--text-model', 'tens');
  expect(learned.json()).toMatchObject([{ threshold: { preset: { kind: 'tutorial' } } }]);
  const found = await alerts();
  expect(found.slice(0, 30)).not.toContain(true);
  expect(found.slice(30, 45)).toContain(true);
  expect((await alerts('--preset', 'budget')).slice(0, 30)).not.toContain(true);
  expect((await run('learn', '--input', quiet, '--counts-only')).json()).toMatchObject([
    { threshold: { preset: { kind: 'budget' } } },
  ]);
}, 120_000);

test('--preset top_k is in force with its K; --text-model none reads lines without one', async () => {
  const learned = await run('learn', '--input', quiet, '--preset', 'top_k', '--top-k', '2', '--text-model', 'none');
  expect(learned.json()).toMatchObject([{ threshold: { preset: { kind: 'top_k', k: 2 } } }]);
  expect(JSON.stringify(learned.json())).toContain('not among the 2 of ');
  expect((await alerts()).slice(30, 36)).toContain(true);
}, 60_000);

test('--text-model is refused for who has not read lines, and for a model of kinds', async () => {
  await run('import-model', '--from', tinyFolder, '--name', 'tiny');
  for (const [name, says] of [
    ['tiny', 'has not read masked lines yet'],
    ['m1', 'is a model of event kinds'],
    ['nobody', 'There is no text model "nobody"'],
  ] as const) {
    const refused = await run('learn', '--input', quiet, '--counts-only', '--text-model', name);
    expect([refused.status, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toContain(says);
  }
}, 60_000);
