/** @file Language models that come as an ONNX graph: scored as transformers scores the same weights; other graphs are refused. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packSequences } from '../../src/shared/sequences.ts';
import type { ImportTextOutput } from '../../src/shared/textModels.ts';
import { readConfig } from '../../trainer/gpt2/config.ts';
import { hiddenStates, lookup } from '../../trainer/gpt2/graphs.ts';
import { importText } from '../../trainer/gpt2/importText.ts';
import { weightPlaces } from '../../trainer/gpt2/textFiles.ts';
import { buildPublished } from '../../trainer/gpt2/textGraphs.ts';
import { Tape } from '../../trainer/onnx/autodiff.ts';
import { Graph, type Value } from '../../trainer/onnx/graph.ts';
import { connectEngine } from '../engine/client.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { checkpointWith, config, tiny, tinyFolder, tinyTensors } from './checkpoints.ts';

const context = { signal: new AbortController().signal, progress: (): void => undefined };
const shape = readConfig(config);

type Changes = {
  input?: string;
  output?: string;
  extraInput?: boolean;
  change?: (graph: Graph, logits: Value) => Value;
};

/** The golden model with its weights in the graph. */
function graphOf({ input = 'input_ids', output = 'logits', extraInput = false, change }: Changes = {}): Uint8Array {
  const graph = new Graph('test');
  const tape = new Tape(graph);
  const ids = graph.input(input, 'int64', ['batch_size', 'sequence']);
  const weights = lookup(
    new Map(
      tinyTensors.map(({ name, data, dims }) => {
        const bare = name.replace('transformer.', '');
        return [bare, graph.weight(bare, data, dims)];
      }),
    ),
  );
  const logits = tape.tiedHead(hiddenStates(tape, shape, weights, ids), weights('wte.weight'));
  let result = graph.reshape(logits, ['batch_size', 'sequence', 288]);
  if (change) result = change(graph, result);
  if (extraInput) result = graph.binary('Add', result, graph.input('bias', 'float32', [288]));
  graph.output(result, output);
  return graph.toBytes();
}

async function take(from: string): Promise<ImportTextOutput & { directory: string }> {
  const directory = join(testFolder(), 'model');
  mkdirSync(directory);
  return { ...(await importText({ from, directory, addedTokens: ['<IP>'], seed: 1 }, context)), directory };
}

async function expectGolden(directory: string): Promise<void> {
  const sequences = packSequences(tiny.ids);
  const { bits } = await connectEngine().call('score_text', { directory, sequences });
  tiny.logProbabilities.forEach((line, i) =>
    line.forEach((value, t) => {
      const actual = -(bits[(sequences.offsets[i] ?? 0) + t + 1] ?? NaN) * Math.LN2;
      expect(Math.abs(actual - value)).toBeLessThan(1e-4);
    }),
  );
}

let folder = '';
beforeAll(() => {
  folder = checkpointWith(join(fileFolder(), 'c'), { 'model.onnx': graphOf() });
});

test('a graph with its tokenizer scores and continues as transformers does', async () => {
  const { directory, shape: found } = await take(folder);
  expect(found).toEqual({ form: 'graph', contextLength: 96, vocabularySize: 288, predictedTokens: 288 });
  await expectGolden(directory);
  const { ids } = await connectEngine().call('continue_text', {
    ...{ directory, ids: Int32Array.from(tiny.prompt), mostTokens: 30, temperature: 0, seed: 1, endId: null },
  });
  expect([...ids]).toEqual(tiny.greedy);
});

test('weights in a file beside it come along', async () => {
  const from = checkpointWith(join(testFolder(), 'c'), {});
  mkdirSync(join(from, 'model.onnx.cache'));
  copyFileSync(join(tinyFolder, 'model.safetensors'), join(from, 'model.onnx.data'));
  const places = await weightPlaces(tinyFolder, 'model.safetensors', 'transformer.');
  writeFileSync(
    join(from, 'model.onnx'),
    buildPublished(shape, (name) => ({ ...places(name), fileName: 'model.onnx.data' })),
  );
  const { directory } = await take(from);
  await expectGolden(directory);
});

test('where config.json says nothing of the length, the longest that is read is found', async () => {
  const from = checkpointWith(join(testFolder(), 'c'), { 'model.onnx': graphOf() });
  rmSync(join(from, 'config.json'));
  expect((await take(from)).shape.contextLength).toBe(64);
});

const lookAhead = (graph: Graph, logits: Value): Value =>
  graph.binary('Add', logits, graph.reduce('ReduceSum', logits, 1, true));

const refused: readonly [what: string, graph: () => Uint8Array, says: RegExp][] = [
  ['another input', () => graphOf({ input: 'tokens' }), /it takes tokens and gives logits/],
  ['another output', () => graphOf({ output: 'hidden' }), /gives hidden/],
  ['an input more', () => graphOf({ extraInput: true }), /it takes input_ids, bias/],
  ['a model that looks ahead', () => graphOf({ change: lookAhead }), /depends on those behind it/],
  [
    'logits of another shape',
    () => graphOf({ change: (g, l) => g.reshape(l, ['batch_size', 'sequence', 144, 2]) }),
    /shape/,
  ],
  [
    'fewer tokens than the tokenizer',
    () => graphOf({ change: (g, l) => g.reduce('ReduceSum', l, 2, true) }),
    /it predicts 1 tokens/,
  ],
  ['no numbers', () => graphOf({ change: (g, l) => g.unary('Sqrt', l) }), /no number/],
  ['no ONNX', () => new TextEncoder().encode('not a graph'), /cannot be used/],
  ['a graph cut short', () => graphOf().subarray(0, 20_000), /cannot be used/],
];

test.each(refused)('%s: refused, and nothing is left behind', async (_what, graph, says) => {
  const from = checkpointWith(join(testFolder(), 'c'), { 'model.onnx': graph() });
  const directory = join(testFolder(), 'model');
  mkdirSync(directory);
  await expect(importText({ from, directory, addedTokens: [], seed: 1 }, context)).rejects.toThrow(says);
  expect(readdirSync(directory)).toEqual([]);
});
