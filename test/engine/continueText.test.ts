/** @file Text continued: greedy as transformers does it, drawn by the model's own probabilities, the same for the same seed. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { drawn } from '../../src/main/engine/continueText.ts';
import type { ContinueTextInput } from '../../src/shared/textModels.ts';
import { importText } from '../../trainer/gpt2/importText.ts';
import { fileFolder } from '../helpers/folders.ts';
import { tiny, tinyFolder } from '../trainer/checkpoints.ts';
import { connectEngine } from './client.ts';

let directory = '';
beforeAll(async () => {
  directory = join(fileFolder(), 'model');
  mkdirSync(directory);
  const context = { signal: new AbortController().signal, progress: (): void => undefined };
  await importText({ from: tinyFolder, directory, addedTokens: ['<NEW>'], seed: 1 }, context);
});

async function written(changes: Partial<ContinueTextInput>): Promise<number[]> {
  const { ids } = await connectEngine().call('continue_text', {
    directory,
    ids: Int32Array.from(tiny.prompt),
    mostTokens: 30,
    temperature: 0,
    seed: 1,
    endId: null,
    ...changes,
  });
  return [...ids];
}

test('without temperature it writes what transformers writes', async () => {
  expect(await written({})).toEqual(tiny.greedy);
});

test('it ends before the token that ends a text', async () => {
  const end = tiny.greedy[10] ?? -1;
  expect(await written({ endId: end })).toEqual(tiny.greedy.slice(0, tiny.greedy.indexOf(end)));
});

test('the same seed writes the same, another seed something else', async () => {
  const first = await written({ temperature: 0.7, seed: 5 });
  expect(await written({ temperature: 0.7, seed: 5 })).toEqual(first);
  expect(await written({ temperature: 0.7, seed: 6 })).not.toEqual(first);
});

test('a text longer than the context is continued from its end', async () => {
  const long = Array.from({ length: 300 }, (_, i) => (i * 37) % 288);
  expect(await written({ ids: Int32Array.from(long), mostTokens: 1 })).toEqual(
    await written({ ids: Int32Array.from(long.slice(-96)), mostTokens: 1 }),
  );
});

test('a token is drawn as often as its probability at the temperature says (an unscaled or inverted softmax)', () => {
  const logits = Float32Array.of(0, Math.log(3), -100, Math.log(2));
  const counts = new Map<number, number>();
  for (let i = 0; i < 600; i++) {
    const token = drawn(logits, 1, (i + 0.5) / 600);
    counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  expect([...counts]).toEqual([
    [0, 100],
    [1, 300],
    [3, 200],
  ]);
  const sharp = [0.1, 0.5, 0.9].map((uniform) => drawn(logits, 0.1, uniform));
  expect(sharp).toEqual([1, 1, 1]);
});

test.each([
  ['no text', { ids: new Int32Array() }],
  ['a token that is not predicted yet', { ids: Int32Array.of(288) }],
  ['no tokens asked for', { mostTokens: 0 }],
  ['a temperature below 0', { temperature: -1 }],
])('%s is refused', async (_what, changes) => {
  await expect(written(changes)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
