/** @file Checkpoints over the command line: imported, listed, scored, continued, exported; refusals leave the workspace as it was. */
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { jsonLines, runMain } from '../helpers/cli.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { checkpointWith, described, safetensorsOf, tiny, tinyFolder, tinyTensors } from '../trainer/checkpoints.ts';

let workspace = '';
beforeAll(async () => {
  workspace = join(fileFolder(), 'workspace');
  const made = await runMain('import-model', '--workspace', workspace, '--from', tinyFolder, '--name', 'tiny');
  expect([made.status, made.stderr]).toMatchObject([0, expect.stringContaining('copying weights')]);
});

const run = (command: string, ...args: string[]): ReturnType<typeof runMain> =>
  runMain(command, '--workspace', workspace, ...args);

test('models lists it with what it is, where it came from and its files', async () => {
  const { status, json } = await run('models');
  expect(status).toBe(0);
  expect(json()).toMatchObject([
    { number: 1, kind: 'text', name: 'tiny', state: 'kept', importedFrom: 'gpt2-tiny', sourceTypes: ['F32'] },
  ]);
  const [model] = json();
  expect(model?.files).toHaveLength(6);
  expect(model?.addedTokens).toBeGreaterThan(20);
});

test('logprobs gives the numbers of transformers, line by line, through the whole program', async () => {
  const folder = testFolder();
  writeFileSync(join(folder, 'in.txt'), `${tiny.texts.join('\n')}\n\n`);
  const output = join(folder, 'out.jsonl');
  const { status, json } = await run(
    'logprobs',
    '--model',
    'tiny',
    '--input',
    join(folder, 'in.txt'),
    '--output',
    output,
  );
  expect(status).toBe(0);
  expect(Math.abs(Number(json()[0]?.perplexity) / tiny.perplexity - 1)).toBeLessThan(1e-5);
  const rows = jsonLines(readFileSync(output, 'utf8')) as { ids: number[]; logprobs: (number | null)[] }[];
  expect(rows.map(({ ids }) => ids)).toEqual([...tiny.ids, []]);
  tiny.logProbabilities.forEach((expected, line) => {
    expect(rows[line]?.logprobs[0]).toBe(null);
    expect(rows[line]?.logprobs).toHaveLength(expected.length + 1);
    expected.forEach((value, i) => expect(Math.abs(Number(rows[line]?.logprobs[i + 1]) - value)).toBeLessThan(1e-4));
  });
});

test('a line that spells a token of structure stays text', async () => {
  const folder = testFolder();
  writeFileSync(join(folder, 'in.txt'), 'a<|endoftext|><IP>b\n');
  const output = join(folder, 'out.jsonl');
  await run('logprobs', '--model', 'm1', '--input', join(folder, 'in.txt'), '--output', output);
  const [row] = jsonLines(readFileSync(output, 'utf8')) as { ids: number[] }[];
  expect(row?.ids.length).toBeGreaterThan(10);
  expect(row?.ids.filter((id) => id >= 287)).toEqual([]);
});

test('continue is greedy at temperature 0 and the same for one seed', async () => {
  const options = ['--model', 'tiny', '--text', tiny.texts[2] ?? ''];
  const greedy = await run('continue', ...options, '--temperature', '0', '--tokens', '4');
  expect(greedy.json()).toMatchObject([{ continuation: { ids: expect.any(Array) } }]);
  const first = await run('continue', ...options, '--seed', '3');
  expect((await run('continue', ...options, '--seed', '3')).stdout).toBe(first.stdout);
  expect((await run('continue', ...options, '--seed', '4')).stdout).not.toBe(first.stdout);
});

test.each(['safetensors', 'onnx'] as const)(
  'what is exported as %s imports again under another name',
  async (format) => {
    const [out, other] = [join(testFolder(), 'out'), join(testFolder(), 'other')];
    expect((await run('export-model', '--model', 'tiny', '--output', out, '--format', format)).status).toBe(0);
    expect(existsSync(join(out, 'model.onnx'))).toBe(format === 'onnx');
    const again = await runMain('import-model', '--workspace', other, '--from', out, '--name', 'again');
    expect(again.json()).toMatchObject([{ name: 'again', kind: 'text', parameterCount: expect.any(Number) }]);
  },
);

test.each([
  ['a name that is taken', ['import-model', '--from', tinyFolder, '--name', 'tiny'], /m1 is named tiny already/],
  ['a name that is a number of a model', ['import-model', '--from', tinyFolder, '--name', 'm7'], /cannot be a model/],
  ['a folder that is not there', ['import-model', '--from', '/nowhere', '--name', 'x'], /is no folder/],
  ['a folder without a model', ['import-model', '--from', '.', '--name', 'x'], /config\.json cannot be read/],
  ['a model that is not there', ['continue', '--model', 'y', '--text', 't'], /no text model "y"\. There are: tiny/],
  ['an input that is not there', ['logprobs', '--model', 'tiny', '--input', '/nowhere', '--output', 'O'], /nowhere/],
])('%s: status 3, and nothing is left behind', async (_what, [command = '', ...args], says) => {
  const output = join(testFolder(), 'o.jsonl');
  const { status, stderr } = await run(command, ...args.map((word) => (word === 'O' ? output : word)));
  expect(status).toBe(3);
  expect(stderr).toMatch(says);
  expect(readdirSync(join(workspace, 'models'))).toHaveLength(1);
  const incoming = join(workspace, 'incoming');
  expect(existsSync(incoming) ? readdirSync(incoming) : []).toEqual([]);
});

test('a folder that holds files is not written into', async () => {
  const out = testFolder();
  writeFileSync(join(out, 'config.json'), 'mine');
  const { status, stderr } = await run('export-model', '--model', 'tiny', '--output', out);
  expect([status, readFileSync(join(out, 'config.json'), 'utf8')]).toEqual([3, 'mine']);
  expect(stderr).toMatch(/name an empty folder/);
});

test('weights that a checkpoint lost after its import are noticed before they are used', async () => {
  const [mine, folder] = [join(testFolder(), 'workspace'), testFolder()];
  const from = checkpointWith(join(folder, 'c'), {
    'model.safetensors': safetensorsOf(described(tinyTensors, 'F16')),
  });
  const made = await runMain('import-model', '--workspace', mine, '--from', from, '--name', 'half');
  expect(made.json()).toMatchObject([{ sourceTypes: ['F16'] }]);
  truncateSync(join(mine, 'models', String(made.json()[0]?.model), 'model.safetensors'), 60_000);
  const { status, stderr } = await runMain('continue', '--workspace', mine, '--model', 'half', '--text', 'a');
  expect(status).toBe(3);
  expect(stderr).toMatch(/model\.safetensors is not the file that was written/);
});
