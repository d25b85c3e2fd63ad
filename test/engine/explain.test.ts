/** @file Explanations: they are about the same probabilities that scoring turned into bits. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packSequences } from '../../src/shared/sequences.ts';
import { buildEvidenceModel } from '../../trainer/gpt2/evidenceGraph.ts';
import { randomModel, randomParameters, tinyShape } from '../trainer/models.ts';
import { connectEngine } from './client.ts';

const { vocabularySize: V } = tinyShape;
const long = Int32Array.from({ length: 30 }, (_, i) => 3 + ((i * i) % 9));

async function loaded(): Promise<ReturnType<typeof connectEngine>> {
  const engine = connectEngine();
  await engine.call('load', { modelId: 'm', directory: await randomModel(tinyShape, 1), shape: tinyShape });
  return engine;
}

test('the probability of each token is 2 to the minus its bits, in every window (rows or windows shifted by one)', async () => {
  const engine = await loaded();
  const { bits } = await engine.call('score', { modelId: 'm', sequences: packSequences([long]) });
  const positions = Int32Array.from({ length: long.length - 1 }, (_, i) => long.length - 1 - i); // in any order
  const { ids, probabilities } = await engine.call('explain', { modelId: 'm', ids: long, positions, top: V });
  positions.forEach((position, row) => {
    const found = ids.subarray(row * V, (row + 1) * V).indexOf(long[position] ?? NaN);
    expect(probabilities[row * V + found]).toBeCloseTo(2 ** -(bits[position] ?? NaN), 4);
  });
});

test('rows hold distinct tokens, most probable first, and sum to one over the whole vocabulary', async () => {
  const engine = await loaded();
  const input = { modelId: 'm', ids: long, positions: Int32Array.of(1, 15), top: V + 5 };
  const { ids, probabilities } = await engine.call('explain', input);
  expect(ids.length).toBe(2 * V); // more than there are is as many as there are
  for (const row of [0, 1]) {
    const values = [...probabilities.subarray(row * V, (row + 1) * V)];
    expect(new Set(ids.subarray(row * V, (row + 1) * V)).size).toBe(V);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
  }
});

test('the place after the last token can be asked for: what comes next', async () => {
  const engine = await loaded();
  const input = { modelId: 'm', ids: long, positions: Int32Array.of(long.length), top: 3 };
  expect((await engine.call('explain', input)).ids.length).toBe(3);
});

test.each([
  ['position 0, which has nothing before it', { positions: Int32Array.of(0), top: 3 }],
  ['a position beyond the end', { positions: Int32Array.of(31), top: 3 }],
  ['no answers at all', { positions: Int32Array.of(1), top: 0 }],
])('%s is refused', async (_what, input) => {
  const engine = await loaded();
  await expect(engine.call('explain', { modelId: 'm', ids: long, ...input })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

describe('evidence', () => {
  const { layers, heads, contextLength } = tinyShape;

  async function withEvidence(): Promise<{ engine: ReturnType<typeof connectEngine>; directory: string }> {
    const engine = connectEngine();
    const directory = await randomModel(tinyShape, 1);
    await engine.call('load', { modelId: 'm', directory, shape: tinyShape });
    return { engine, directory };
  }

  const write = async (directory: string, seed: number): Promise<void> =>
    writeFile(join(directory, 'evidence.onnx'), buildEvidenceModel(tinyShape, randomParameters(tinyShape, seed)));

  test('of any position has its scored bits; attention sums to one and never looks ahead; what is most probable adds up', async () => {
    const { engine, directory } = await withEvidence();
    await write(directory, 1);
    const { bits } = await engine.call('score', { modelId: 'm', sequences: packSequences([long]) });
    for (const position of [1, 5, 9, 20, 29]) {
      const shown = await engine.call('evidence', { modelId: 'm', ids: long, position, top: V });
      const T = shown.bits.length;
      expect(T).toBeLessThanOrEqual(contextLength);
      expect(shown.bits[position - 1 - shown.start]).toBeCloseTo(bits[position] ?? NaN, 5);
      expect(shown.attention.length).toBe(layers * heads * T * T);
      for (let row = 0; row < layers * heads * T; row++) {
        const looked = shown.attention.subarray(row * T, (row + 1) * T);
        expect(looked.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
        expect(looked.subarray((row % T) + 1).every((value) => value === 0)).toBe(true);
      }
      for (let t = 0; t < T; t++) {
        const row = shown.topProbabilities.subarray(t * V, (t + 1) * V);
        expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
        const at = shown.topIds.subarray(t * V, (t + 1) * V).indexOf(long[shown.start + t + 1] ?? NaN);
        expect(-Math.log2(row[at] ?? NaN)).toBeCloseTo(shown.bits[t] ?? NaN, 3);
      }
    }
  });

  test('that was not written is not found; of another model it is refused, and the model goes on scoring', async () => {
    const { engine, directory } = await withEvidence();
    const input = { modelId: 'm', ids: long, position: 3, top: 5 };
    await expect(engine.call('evidence', input)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await write(directory, 2);
    await expect(engine.call('evidence', input)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await writeFile(join(directory, 'evidence.onnx'), 'not a model');
    await expect(engine.call('evidence', input)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await expect(engine.call('evidence', { ...input, position: 0 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await engine.call('score', { modelId: 'm', sequences: packSequences([long]) });
  });
});
