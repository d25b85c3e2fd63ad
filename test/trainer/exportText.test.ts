/** @file Text models given out: unchanged for transformers, and as ONNX with the logits that transformers gives. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { readTokenizerJson } from '../../src/shared/bpe/readFiles.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { writingTo } from '../../trainer/files/diskErrors.ts';
import { readSafetensors } from '../../trainer/files/safetensors.ts';
import { exportText } from '../../trainer/gpt2/exportText.ts';
import { importText } from '../../trainer/gpt2/importText.ts';
import { testFolder } from '../helpers/folders.ts';
import { checkpointWith, described, safetensorsOf, tiny, tinyFolder, tinyTensors } from './checkpoints.ts';

const context = { signal: new AbortController().signal, progress: (): void => undefined };

/** The golden model taken in and given out again. */
async function exported(format: 'safetensors' | 'onnx', from = tinyFolder): Promise<string> {
  const [directory, to] = [join(testFolder(), 'model'), join(testFolder(), 'out')];
  mkdirSync(directory);
  mkdirSync(to);
  await importText({ from, directory, addedTokens: ['<NEW>', '<IP>'], seed: 1 }, context);
  await exportText({ directory, to, format });
  return to;
}

test('what was taken in comes out unchanged: names, shapes, numbers, tokens', async () => {
  const to = await exported('safetensors');
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  expect(readSafetensors(readFileSync(join(to, 'model.safetensors')), 'x').toSorted(byName)).toEqual(
    tinyTensors.toSorted(byName),
  );
  const config = JSON.parse(readFileSync(join(to, 'config.json'), 'utf8')) as Record<string, unknown>;
  const source = JSON.parse(readFileSync(join(tinyFolder, 'config.json'), 'utf8')) as Record<string, unknown>;
  for (const name of ['n_layer', 'n_head', 'n_embd', 'n_positions', 'vocab_size', 'model_type', 'eos_token_id'])
    expect([name, config[name]]).toEqual([name, source[name]]);
  const tokenizer = new BpeTokenizer(readTokenizerJson(readFileSync(join(to, 'tokenizer.json'), 'utf8')));
  expect([tokenizer.vocabularySize, tokenizer.namedId('<NEW>')]).toEqual([288, undefined]);
});

test('a head of its own comes out under its own name', async () => {
  const head = {
    name: 'lm_head.weight',
    dims: [288, 16],
    data: Float32Array.from({ length: 288 * 16 }, (_, i) => i % 7),
  };
  const config = JSON.parse(readFileSync(join(tinyFolder, 'config.json'), 'utf8')) as Record<string, unknown>;
  const from = checkpointWith(join(testFolder(), 'c'), {
    'model.safetensors': safetensorsOf(described([...tinyTensors, head])),
    'config.json': JSON.stringify({ ...config, tie_word_embeddings: false }),
  });
  const stored = readSafetensors(readFileSync(join(await exported('safetensors', from), 'model.safetensors')), 'x');
  expect(stored.find(({ name }) => name === 'lm_head.weight')?.data).toEqual(head.data);
});

test('the ONNX graph gives the logits of transformers, for any batch and length', async () => {
  const to = await exported('onnx');
  const session = await ort.InferenceSession.create(join(to, 'model.onnx'));
  expect([session.inputNames, session.outputNames]).toEqual([['input_ids'], ['logits']]);
  const ids = tiny.ids[tiny.logitsOf] ?? [];
  const run = async (batch: number[][]): Promise<ort.Tensor | undefined> => {
    const data = BigInt64Array.from(batch.flat(), BigInt);
    const { logits } = await session.run({
      input_ids: new ort.Tensor('int64', data, [batch.length, batch[0]?.length ?? 0]),
    });
    return logits;
  };
  const one = await run([ids]);
  expect(one?.dims).toEqual([1, ids.length, 288]);
  const wrong = tiny.logits.flat().filter((value, i) => !(Math.abs(value - Number(one?.data[i])) < 1e-4));
  expect(wrong).toEqual([]);
  const two = await run([ids.toReversed().slice(0, 5), ids.slice(0, 5)]);
  expect(two?.dims).toEqual([2, 5, 288]);
  for (let i = 0; i < 5 * 288; i++)
    expect(Math.abs(Number(two?.data[5 * 288 + i]) - Number(one?.data[i]))).toBeLessThan(1e-4);
  await session.release();
});

test('an export that fails leaves nothing behind, and says which disk is full', async () => {
  const [directory, to] = [join(testFolder(), 'model'), join(testFolder(), 'out')];
  mkdirSync(directory);
  mkdirSync(to);
  await importText({ from: tinyFolder, directory, addedTokens: [], seed: 1 }, context);
  // In the way of the last file.
  mkdirSync(join(to, 'model.onnx', 'x'), { recursive: true });
  await expect(exportText({ directory, to, format: 'onnx' })).rejects.toThrow();
  expect(readdirSync(to)).toEqual(['model.onnx']);
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const writing = writingTo('/models', () => Promise.reject(full));
  await expect(writing).rejects.toMatchObject({
    code: 'STORE_FULL',
    message: expect.stringContaining('/models is full'),
  });
});

test('an exported folder imports again and is the same model', async () => {
  const [to, directory] = [await exported('onnx'), join(testFolder(), 'again')];
  mkdirSync(directory);
  const again = await importText({ from: to, directory, addedTokens: ['<NEW>', '<IP>'], seed: 1 }, context);
  const before = join(testFolder(), 'first');
  mkdirSync(before);
  const first = await importText(
    { from: tinyFolder, directory: before, addedTokens: ['<NEW>', '<IP>'], seed: 1 },
    context,
  );
  expect(again.files.find(({ name }) => name === 'model.safetensors')).toEqual(
    first.files.find(({ name }) => name === 'model.safetensors'),
  );
});
