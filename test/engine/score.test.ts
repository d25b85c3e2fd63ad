/** @file Scoring: the same bits whatever a sequence is scored together with, cut into, or remembered from. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { packSequences } from '../../src/shared/sequences.ts';
import type { EngineMethods } from '../../src/shared/engineProtocol.ts';
import type { Client } from '../../src/shared/port.ts';
import { randomModel, tinyShape } from '../trainer/models.ts';
import { connectEngine } from './client.ts';

const { contextLength, vocabularySize } = tinyShape;
const ids = fc.integer({ min: 0, max: vocabularySize - 1 });
const tolerance = 3; // digits: float32 sums in another order

async function loadedEngine(seed = 1): Promise<Client<EngineMethods>> {
  const engine = connectEngine();
  await engine.call('load', { modelId: 'm', directory: await randomModel(tinyShape, seed), shape: tinyShape });
  return engine;
}

async function bitsOf(engine: Client<EngineMethods>, sequences: number[][]): Promise<number[][]> {
  const set = packSequences(sequences);
  const { bits } = await engine.call('score', { modelId: 'm', sequences: set });
  return sequences.map((_, i) => [...bits.subarray(set.offsets[i], set.offsets[i + 1])]);
}

function expectClose(actual: readonly number[] | undefined, expected: readonly number[] | undefined): void {
  expect(actual?.length).toBe(expected?.length);
  actual?.forEach((value, i) => expect(value).toBeCloseTo(expected?.[i] ?? NaN, tolerance));
}

test('a sequence scores the same alone and among others of any length (padding seen, rows mixed up)', async () => {
  const [together, alone] = [await loadedEngine(), await loadedEngine()];
  const sequences = fc.array(fc.array(ids, { maxLength: 25 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sequences, async (lists) => {
      const joint = await bitsOf(together, lists);
      for (const [i, list] of lists.entries()) expectClose((await bitsOf(alone, [list]))[0], joint[i]);
    }),
    { numRuns: 40 },
  );
});

test('the first token is given and costs nothing; sequences of none or one token are allowed', async () => {
  const engine = await loadedEngine();
  const [none, one, two] = await bitsOf(engine, [[], [1], [1, 4]]);
  expect([none, one, two?.[0]]).toEqual([[], [0], 0]);
  expect(two?.[1]).toBeGreaterThan(0);
});

test('a long sequence scores as its windows score alone (tokens of a seam with the wrong context)', async () => {
  const engine = await loadedEngine();
  const long = Array.from({ length: 30 }, (_, i) => 3 + ((i * i) % 9));
  const [whole] = await bitsOf(engine, [long]);
  const stride = contextLength / 2;
  const [head] = await bitsOf(engine, [long.slice(0, contextLength + 1)]);
  expectClose(whole?.slice(0, contextLength + 1), head);
  for (let start = stride; start + stride + 1 < long.length; start += stride) {
    const [window] = await bitsOf(engine, [long.slice(start, start + contextLength + 1)]);
    expectClose(whole?.slice(start + stride + 1, start + contextLength + 1), window?.slice(stride + 1));
  }
});

test('equal sequences go through the model once, and not again in a later call', async () => {
  const engine = await loadedEngine();
  const sequences = packSequences([
    [1, 4, 5, 2],
    [1, 6, 2],
    [1, 4, 5, 2],
  ]);
  const first = await engine.call('score', { modelId: 'm', sequences });
  expect(first.computedTokens).toBe(5);
  const second = await engine.call('score', { modelId: 'm', sequences });
  expect(second.computedTokens).toBe(0);
  expect(second.bits).toEqual(first.bits);
});

test('a model loaded anew under the same id does not answer with the old one (a cache that outlives its model)', async () => {
  const engine = await loadedEngine(1);
  const before = await bitsOf(engine, [[1, 4, 5, 2]]);
  await engine.call('load', { modelId: 'm', directory: await randomModel(tinyShape, 2), shape: tinyShape });
  expect(await bitsOf(engine, [[1, 4, 5, 2]])).not.toEqual(before);
  expect((await engine.call('info', undefined)).loaded).toEqual(['m']);
});

test('unloading while scoring lets the scoring finish and then refuses (a session released under a running batch)', async () => {
  const engine = await loadedEngine();
  const sequences = packSequences(
    Array.from({ length: 3000 }, (_, i) => [1, 4 + (i % 8), 4 + ((i >> 3) % 8), 4 + ((i >> 6) % 8), 4 + (i >> 9), 2]),
  );
  const scoring = engine.call('score', { modelId: 'm', sequences });
  const info = await engine.call('unload', { modelId: 'm' });
  expect(info.loaded).toEqual([]);
  expect((await scoring).bits.length).toBe(sequences.ids.length);
  await expect(engine.call('score', { modelId: 'm', sequences })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test.each([
  ['an id outside the vocabulary', packSequences([[1, vocabularySize]])],
  ['a negative id', packSequences([[1, -1]])],
  ['offsets beyond the ids', { ids: Int32Array.of(1, 2), offsets: Int32Array.of(0, 3) }],
  ['offsets that fall', { ids: Int32Array.of(1, 2), offsets: Int32Array.of(0, 2, 1, 2) }],
])('%s is refused', async (_what, sequences) => {
  const engine = await loadedEngine();
  await expect(engine.call('score', { modelId: 'm', sequences })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('a model swapped in the middle of a scoring: every line once, all by the model that began, the next by the new one', async () => {
  const engine = await loadedEngine(1);
  const sequences = packSequences(
    Array.from({ length: 20_000 }, (_, i) => [
      1,
      ...Array.from({ length: 5 }, (_digit, j) => 4 + ((i >> (3 * j)) & 7)),
    ]),
  );
  const alone = await engine.call('score', { modelId: 'm', sequences });
  const directories = [await randomModel(tinyShape, 1), await randomModel(tinyShape, 2)] as const;
  await engine.call('load', { modelId: 'm', directory: directories[0], shape: tinyShape });
  let swapping: Promise<unknown> | undefined;
  const swapped = await engine.call(
    'score',
    { modelId: 'm', sequences },
    {
      onProgress: () =>
        (swapping ??= engine.call('load', { modelId: 'm', directory: directories[1], shape: tinyShape })),
    },
  );
  expect(swapping).toBeDefined();
  await swapping;
  expect(swapped.bits).toEqual(alone.bits);
  expect(swapped.computedTokens).toBe(alone.computedTokens);
  const after = await engine.call('score', { modelId: 'm', sequences });
  expect(after.bits.length).toBe(sequences.ids.length);
  expect(after.bits).not.toEqual(alone.bits);
});
