/** @file GPT-2 checkpoints taken in: the numbers of Hugging Face transformers come out, and what does not fit is refused. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { readTokenizerJson } from '../../src/shared/bpe/readFiles.ts';
import type { Client } from '../../src/shared/port.ts';
import type { EngineMethods } from '../../src/shared/engineProtocol.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import type { ImportTextOutput } from '../../src/shared/textModels.ts';
import { readSafetensors } from '../../trainer/files/safetensors.ts';
import { readConfig } from '../../trainer/gpt2/config.ts';
import { importText } from '../../trainer/gpt2/importText.ts';
import { connectEngine } from '../engine/client.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import {
  checkpointWith,
  config,
  described,
  safetensorsOf,
  sharded,
  tiny,
  tinyFolder,
  tinyTensors,
} from './checkpoints.ts';

const context = { signal: new AbortController().signal, progress: (): void => undefined };
const addedTokens = ['<NEW>', '<IP>', '<|endoftext|>'];

async function take(from: string, names = addedTokens): Promise<ImportTextOutput & { directory: string }> {
  const directory = join(testFolder(), 'model');
  mkdirSync(directory);
  return { ...(await importText({ from, directory, addedTokens: names, seed: 1 }, context)), directory };
}

async function logProbabilities(
  engine: Client<EngineMethods>,
  directory: string,
  ids: number[][],
): Promise<number[][]> {
  const sequences = packSequences(ids);
  const { bits } = await engine.call('score_text', { directory, sequences });
  return ids.map((_, i) =>
    [...bits.subarray((sequences.offsets[i] ?? 0) + 1, sequences.offsets[i + 1])].map((value) => -value * Math.LN2),
  );
}

function expectGolden(actual: number[][]): void {
  let [sum, count] = [0, 0];
  tiny.logProbabilities.forEach((expected, line) =>
    expected.forEach((value, i) => {
      expect(Math.abs((actual[line]?.[i] ?? NaN) - value)).toBeLessThan(1e-4);
      sum += actual[line]?.[i] ?? NaN;
      count++;
    }),
  );
  expect(Math.abs(Math.exp(-sum / count) / tiny.perplexity - 1)).toBeLessThan(1e-5);
}

const weights = (changes: (name: string) => string): Uint8Array =>
  safetensorsOf(described(tinyTensors.map((tensor) => ({ ...tensor, name: changes(tensor.name) }))));

const bare = (name: string): string => name.replace('transformer.', '');
const tokenizerJson = readFileSync(join(tinyFolder, 'tokenizer.json'), 'utf8');

const same: readonly [what: string, files: () => Record<string, Uint8Array | string>][] = [
  ['one float32 file', () => ({ 'model.safetensors': weights((name) => name) })],
  ['names without the prefix', () => ({ 'model.safetensors': weights(bare) })],
  ['float16', () => ({ 'model.safetensors': safetensorsOf(described(tinyTensors, 'F16')) })],
  ['bfloat16 in shards', () => sharded('BF16')],
  [
    'buffers and a head that is tied anyway',
    () => ({
      'model.safetensors': safetensorsOf(
        described(tinyTensors)
          .set('transformer.h.0.attn.bias', { dtype: 'BOOL', shape: [1, 1, 4, 4], bytes: new Uint8Array(16) })
          .set('transformer.h.1.attn.masked_bias', { dtype: 'F32', shape: [], bytes: new Uint8Array(4) })
          .set('lm_head.weight', { dtype: 'F32', shape: [288, 16], bytes: new Uint8Array(4 * 288 * 16) }),
      ),
    }),
  ],
];

test.each(same)('%s: log-probabilities and perplexity are those of transformers', async (_what, files) => {
  const { directory } = await take(checkpointWith(join(testFolder(), 'c'), files()));
  expectGolden(await logProbabilities(connectEngine(), directory, tiny.ids));
});

test('another layer_norm_epsilon is computed with, not passed over', async () => {
  const { value, of, logProbabilities: expected } = tiny.epsilon;
  const files = configured({ layer_norm_epsilon: value });
  const { directory } = await take(checkpointWith(join(testFolder(), 'c'), files));
  const [actual = []] = await logProbabilities(connectEngine(), directory, [tiny.ids[of] ?? []]);
  expect(expected.filter((x, i) => !(Math.abs(x - (actual[i] ?? NaN)) < 1e-4))).toEqual([]);
  expect(expected.some((x, i) => Math.abs(x - (tiny.logProbabilities[of]?.[i] ?? NaN)) > 0.01)).toBe(true);
});

test('a head of its own is used instead of the embeddings', async () => {
  const embeddings = tinyTensors.find(({ name }) => name === 'transformer.wte.weight');
  if (!embeddings) throw new Error('no embeddings');
  const head = { name: 'lm_head.weight', dims: embeddings.dims, data: embeddings.data };
  const doubled = { ...head, data: head.data.map((value) => 2 * value) };
  const untied = (with_: typeof head): Record<string, Uint8Array | string> => ({
    'model.safetensors': safetensorsOf(described([...tinyTensors, with_])),
    'config.json': JSON.stringify({ ...config, tie_word_embeddings: false }),
  });
  const engine = connectEngine();
  const equal = await take(checkpointWith(join(testFolder(), 'c'), untied(head)));
  expectGolden(await logProbabilities(engine, equal.directory, tiny.ids));
  const sharper = await take(checkpointWith(join(testFolder(), 'c'), untied(doubled)));
  expect(await logProbabilities(engine, sharper.directory, tiny.ids)).not.toEqual(
    await logProbabilities(engine, equal.directory, tiny.ids),
  );
});

let imported: ImportTextOutput;
let kept = '';
beforeAll(async () => {
  kept = join(fileFolder(), 'model');
  mkdirSync(kept);
  imported = await importText({ from: tinyFolder, directory: kept, addedTokens, seed: 1 }, context);
});

test('tokens are added behind the vocabulary, those it has are not, and each gets a row near the mean', () => {
  const { shape } = imported;
  expect([shape.predictedTokens, shape.vocabularySize]).toEqual([288, 290]);
  const tokenizer = new BpeTokenizer(readTokenizerJson(readFileSync(join(kept, 'tokenizer.json'), 'utf8')));
  expect([tokenizer.namedId('<NEW>'), tokenizer.namedId('<IP>'), tokenizer.namedId('<|endoftext|>')]).toEqual([
    288, 289, 287,
  ]);
  const embeddings = readSafetensors(readFileSync(join(kept, 'model.safetensors')), 'w').find(
    ({ name }) => name === 'wte.weight',
  );
  expect(embeddings?.dims).toEqual([290, 16]);
  const rows = embeddings?.data ?? new Float32Array();
  const column = (values: Float32Array, c: number): number[] => [...values].filter((_, i) => i % 16 === c);
  for (let c = 0; c < 16; c++) {
    const old = column(rows.subarray(0, 288 * 16), c);
    const mean = old.reduce((a, b) => a + b) / old.length;
    for (const value of column(rows.subarray(288 * 16), c)) expect(Math.abs(value - mean)).toBeLessThan(0.05);
  }
  expect(rows.subarray(288 * 16, 289 * 16)).not.toEqual(rows.subarray(289 * 16));
});

test('the same seed gives the same files, another one other rows', async () => {
  const again = await take(tinyFolder);
  expect(again.files).toEqual(imported.files);
  const directory = join(testFolder(), 'model');
  mkdirSync(directory);
  const other = await importText({ from: tinyFolder, directory, addedTokens, seed: 2 }, context);
  expect(other.files[0]?.sha256).not.toBe(imported.files[0]?.sha256);
});

test('it says what it read: types, sources with hashes, parameters', () => {
  expect(imported.sourceTypes).toEqual(['F32']);
  expect(imported.sourceFiles.map(({ name }) => name)).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
  expect(imported.parameterCount).toBe(tinyTensors.reduce((sum, { data }) => sum + data.length, 0) + 2 * 16);
});

test('vocab.json and merges.txt are read in place of tokenizer.json', async () => {
  const { model } = JSON.parse(tokenizerJson) as {
    model: { vocab: Record<string, number>; merges: (string | string[])[] };
  };
  const folder = checkpointWith(join(testFolder(), 'c'), {
    'model.safetensors': weights((name) => name),
    'vocab.json': JSON.stringify({ ...model.vocab, '<|endoftext|>': 287 }),
    'merges.txt': `#version: 0.2\n${model.merges.map((merge) => [merge].flat().join(' ')).join('\n')}\n`,
  });
  rmSync(join(folder, 'tokenizer.json'));
  const { directory } = await take(folder);
  const tokenizer = new BpeTokenizer(readTokenizerJson(readFileSync(join(directory, 'tokenizer.json'), 'utf8')));
  tiny.texts.forEach((text, line) => {
    const { ids, length } = tokenizer.encode(text);
    expect([...ids.subarray(0, length)]).toEqual(tiny.ids[line]);
  });
});

const golden = readFileSync(join(tinyFolder, 'model.safetensors'));
const configured = (changes: Record<string, unknown>): Record<string, Uint8Array | string> => ({
  'model.safetensors': golden,
  'config.json': JSON.stringify({ ...config, ...changes }),
});

const refused: readonly [what: string, files: Record<string, Uint8Array | string>, says: RegExp][] = [
  ['another activation', configured({ activation_function: 'relu' }), /activation_function "relu" is not supported/],
  [
    'attention scaled by layer',
    configured({ scale_attn_by_inverse_layer_idx: true }),
    /scale_attn_by_inverse_layer_idx true/,
  ],
  ['attention unscaled', configured({ scale_attn_weights: false }), /scale_attn_weights false is not supported/],
  ['another inner width', configured({ n_inner: 100 }), /n_inner 100 is not supported/],
  ['quantised weights', configured({ quantization_config: { bits: 4 } }), /quantization_config/],
  ['another architecture', configured({ model_type: 'llama' }), /model_type is "llama"/],
  ['no layers', configured({ n_layer: 0 }), /n_layer is 0/],
  ['a width without a number', configured({ n_embd: '16' }), /n_embd is "16"/],
  ['heads that do not divide', configured({ n_head: 3 }), /n_embd 16 is not a multiple of n_head 3/],
  ['a context beyond all memory', configured({ n_positions: 16_384, n_head: 16 }), /512 MB/],
  ['a config that is a list', { 'model.safetensors': golden, 'config.json': '[]' }, /not an object/],
  ['more layers than weights', configured({ n_layer: 3 }), /h\.2\.ln_1\.weight is missing/],
  ['fewer layers than weights', configured({ n_layer: 1 }), /h\.1\.\S+ is no part of it/],
  ['another vocabulary', configured({ vocab_size: 289 }), /wte\.weight has the shape \[288,16\], not \[289,16\]/],
  ['a vocabulary below the tokenizer', configured({ vocab_size: 280 }), /do not belong together/],
  [
    'a name with and without prefix',
    {
      'model.safetensors': safetensorsOf(
        described([...tinyTensors, { name: 'ln_f.bias', dims: [16], data: new Float32Array(16) }]),
      ),
    },
    /ln_f\.bias is there with and without/,
  ],
  [
    'a tensor of another kind',
    { 'model.safetensors': weights((name) => name.replace('ln_f.bias', 'score.weight')) },
    /score\.weight is no part/,
  ],
  ['a truncated file', { 'model.safetensors': golden.subarray(0, 30_000) }, /cut short/],
  [
    'a tokenizer of another kind',
    { 'model.safetensors': golden, 'tokenizer.json': '{"model":{"type":"WordPiece"}}' },
    /BPE/,
  ],
];

test.each(refused)('%s: refused, and nothing is left behind', async (_what, files, says) => {
  const from = checkpointWith(join(testFolder(), 'c'), files);
  const directory = join(testFolder(), 'model');
  mkdirSync(directory);
  await expect(importText({ from, directory, addedTokens, seed: 1 }, context)).rejects.toThrow(says);
  expect(readdirSync(directory)).toEqual([]);
});

test('whatever config.json says, it is a shape or a refusal (a crash, or sizes beyond all memory)', () => {
  const names = fc.constantFrom(...Object.keys(config), 'n_ctx', 'quantization_config', '__proto__');
  const value = fc.oneof(fc.jsonValue(), fc.maxSafeInteger(), fc.double(), fc.nat(64));
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(names, value, { maxKeys: 4 })), (changes) => {
      const isObject = typeof changes === 'object' && changes !== null && !Array.isArray(changes);
      try {
        const { layers, heads, width, contextLength } = readConfig(isObject ? { ...config, ...changes } : changes);
        expect(Math.max(layers, heads, width, contextLength)).toBeLessThan(20_000);
      } catch (error) {
        expect(error).toMatchObject({ code: 'MODEL_INVALID' });
      }
    }),
    { numRuns: 1000 },
  );
});

test('a graph that names weights outside its folder is not opened (any file of the machine read as weights)', async () => {
  const { directory } = await take(tinyFolder);
  const path = join(directory, 'head.onnx');
  const graph = readFileSync(path);
  // The same length, so that the bytes around stay right.
  const at = graph.indexOf('model.safetensors');
  expect(at).toBeGreaterThan(0);
  graph.write('../el.safetensors', at, 'latin1');
  writeFileSync(path, graph);
  writeFileSync(join(directory, '..', 'el.safetensors'), readFileSync(join(directory, 'model.safetensors')));
  const loading = connectEngine().call('score_text', { directory, sequences: packSequences([[1, 2]]) });
  await expect(loading).rejects.toThrow(/escapes model directory/);
});
