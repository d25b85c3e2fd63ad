/** @file Words the command line cannot use: exit status 2 with the reason, before anything is opened or written. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli, runMain } from '../helpers/cli.ts';
import { testFolder } from '../helpers/folders.ts';

const bad: readonly [args: string, says: RegExp][] = [
  ['', /No command/],
  ['dance', /no command "dance"/],
  ['constructor --workspace W', /no command "constructor"/],
  ['learn --workspace W', /needs --input/],
  ['learn --input a', /needs --workspace/],
  ['learn --workspace W --input a --budget', /budget/],
  ['learn --workspace W --input a --budget 20', /--budget takes/],
  ['learn --workspace W --input a --budget 20/week', /--budget takes/],
  ['learn --workspace W --input a --budget 0/day', /--budget takes/],
  ['learn --workspace W --input a --budget -5/day', /--budget/],
  ['learn --workspace W --input a --budget 1e3/day', /--budget takes/],
  ['learn --workspace W --input a --budget 99999999/day', /--budget takes/],
  ['learn --workspace W --input a --seed 1.5', /--seed takes a whole number/],
  ['learn --workspace W --input a --title t', /does not take --title/],
  ['learn --workspace W a.log', /belongs to no option/],
  ['score --workspace W --input a', /needs --output/],
  ['score --workspace W --input a --input b --output o', /takes one --input/],
  ['score --workspace W --input ./a --output a', /overwrite/],
  ['alerts', /needs --workspace/],
  ['alerts --workspace W --all', /Unknown option/],
  ['case --workspace W --alerts open', /needs --title/],
  ['case --workspace W --title t', /needs --alerts/],
  ['case --workspace W --title t --alerts a,,b', /ids with commas/],
  ['report --workspace W --case C --format pages --output o', /html, pdf/],
  ['report --workspace W --case C --format html', /needs --output/],
  ['lab --lines 0 --seed 1 --output o --labels l', /--lines takes/],
  ['lab --lines ten --seed 1 --output o --labels l', /--lines takes/],
  ['lab --lines 5 --seed 1 --output o', /needs --labels/],
  ['lab --lines 5 --seed 1 --output o --labels l --anomaly-rate 2', /--anomaly-rate takes/],
  ['serve --workspace W --port 99999', /--port takes/],
  ['serve --workspace W --app-port x', /--app-port takes/],
  ['browse --workspace W --app-port 1', /does not take --app-port/],
  ['token --workspace W', /token is followed by create, list or revoke/],
  ['token create --workspace W', /needs --name/],
  ['learn --workspace W --input a --preset rule', /--preset is budget, top_k or tutorial/],
  ['learn --workspace W --input a --preset budget --top-k 3', /--top-k belongs to --preset top_k/],
  ['learn --workspace W --input a --preset top_k --counts-only', /with --counts-only there is none/],
  ['score --workspace W --input a --output o --text-model t', /does not take --text-model/],
  ['train --workspace W --input a --kind text --name n --reads pages', /--reads is lines or windows/],
  ['train --workspace W --input a --kind key_s --reads windows', /does not take --reads/],
  ['import-model --workspace W --from F', /needs --name/],
  ['import-model --workspace W --name n', /needs --from/],
  ['export-model --workspace W --model n --output o --format gguf', /safetensors or onnx/],
  ['logprobs --workspace W --model n --input a', /needs --output/],
  ['logprobs --workspace W --model n --input ./a --output a', /overwrite/],
  ['continue --workspace W --model n', /needs --text/],
  ['continue --workspace W --model n --text t --tokens 51', /--tokens takes a whole number from 1 to 50/],
  ['continue --workspace W --model n --text t --temperature -1', /argument is ambiguous|--temperature takes/],
];

it.each(bad)('"%s" is refused', async (words, says) => {
  const workspace = join(testFolder(), 'workspace');
  const args = words.split(' ').filter(Boolean);
  const { status, stdout, stderr } = await runMain(...args.map((word) => (word === 'W' ? workspace : word)));
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.split('\n')[0]).toMatch(says);
  expect(stderr).toContain('Usage:');
  expect(existsSync(workspace)).toBe(false);
});

it.each([' ', '\u0000', 'x'.repeat(201)])('a title of nothing to read, or too much, is refused', async (title) => {
  const workspace = join(testFolder(), 'workspace');
  const { status } = await runMain('case', '--workspace', workspace, '--title', title, '--alerts', 'open');
  expect(status).toBe(2);
});

it.each(['alerts', 'score', 'case', 'report'])('%s makes no workspace out of a name mistyped', async (command) => {
  const folder = testFolder();
  const workspace = join(folder, 'workspace');
  const rest = {
    alerts: [],
    score: ['--input', 'a', '--output', 'o'],
    case: ['--title', 't', '--alerts', 'open'],
    report: ['--case', 'c', '--format', 'html', '--output', 'o'],
  }[command];
  const { status, stdout, stderr } = await runMain(command, '--workspace', workspace, ...(rest ?? []));
  expect(status).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/no workspace in/);
  expect(readdirSync(folder)).toEqual([]);
});

it('help is asked for and given', async () => {
  for (const words of [['help'], ['--help'], ['score', '--help']]) {
    expect(await runMain(...words)).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage:') as string });
  }
});

it('the exit status is that of the process', async () => {
  expect(await runCli('dance')).toMatchObject({ status: 2, stdout: '' });
});
