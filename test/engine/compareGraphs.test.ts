/** @file Two score graphs of one model: which one answers, and what becomes of one that is damaged or not there. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packSequences } from '../../src/shared/sequences.ts';
import { randomModel, tinyShape } from '../trainer/models.ts';
import { connectEngine } from './client.ts';

const sequences = packSequences(
  Array.from({ length: 60 }, (_, i) => [1, 4 + (i % 8), 4 + ((i >> 2) % 8), 4 + ((i * 3) % 8), 2]),
);

test('each graph scores as it does in the comparison, and the answer says which one did (a calibration of the other)', async () => {
  const engine = connectEngine();
  const directory = await randomModel(tinyShape, 1);
  const compared = await engine.call('compare', { directory, shape: tinyShape, sequences });
  if ('failure' in compared.int8) throw new Error(compared.int8.failure);
  expect(compared.int8.timesAsFast).toBeGreaterThan(0);
  expect(compared.int8.bits).not.toEqual(compared.f32);
  const { bits } = compared.int8;
  const sum = compared.f32.reduce((total, value, i) => total + Math.abs(value - (bits[i] ?? NaN)), 0);
  expect(sum / bits.length).toBeLessThan(0.3);
  for (const graph of ['f32', 'int8'] as const) {
    await engine.call('load', { modelId: graph, directory, shape: tinyShape, graph });
    const scored = await engine.call('score', { modelId: graph, sequences });
    expect(scored.graph).toBe(graph);
    expect(scored.bits).toEqual(graph === 'f32' ? compared.f32 : bits);
  }
  expect((await engine.call('info', undefined)).loaded).toEqual(['f32', 'int8']);
});

test('int8: a sequence scores the same alone and among others (a range taken from the batch)', async () => {
  const engine = connectEngine();
  const directory = await randomModel(tinyShape, 2);
  await engine.call('load', { modelId: 'm', directory, shape: tinyShape, graph: 'int8' });
  const { bits } = await engine.call('score', { modelId: 'm', sequences });
  await engine.call('load', { modelId: 'm', directory, shape: tinyShape, graph: 'int8' });
  for (let i = 0; i < 20; i++) {
    const [from, to] = [sequences.offsets[i] ?? 0, sequences.offsets[i + 1] ?? 0];
    const alone = packSequences([[...sequences.ids.subarray(from, to)]]);
    const answer = await engine.call('score', { modelId: 'm', sequences: alone });
    answer.bits.forEach((value, t) => expect(value).toBeCloseTo(bits[from + t] ?? NaN, 3));
  }
});

test.each<[string, (path: string) => Promise<void>]>([
  ['is not there, as in models of before it', (path) => rm(path)],
  ['is not a model', (path) => writeFile(path, 'noise')],
  ['gives NaN', (path) => changeScales(path, NaN)],
])('an int8 graph that %s: the comparison says why, f32 scores', async (_what, damage) => {
  const engine = connectEngine();
  const directory = await randomModel(tinyShape, 1);
  await damage(join(directory, 'score-int8.onnx'));
  const { f32, int8 } = await engine.call('compare', { directory, shape: tinyShape, sequences });
  expect(int8).toMatchObject({ failure: expect.stringContaining('score-int8.onnx') as string });
  expect(f32.every(Number.isFinite)).toBe(true);
  await engine.call('load', { modelId: 'm', directory, shape: tinyShape });
  expect(await engine.call('score', { modelId: 'm', sequences })).toMatchObject({ graph: 'f32', bits: f32 });
  await expect(engine.call('load', { modelId: 'n', directory, shape: tinyShape, graph: 'int8' })).rejects.toMatchObject(
    {
      code: 'MODEL_INVALID',
    },
  );
});

/** Writes over the scales of the last linear map: what comes of it goes into the answer as it is. */
async function changeScales(path: string, scale: number): Promise<void> {
  const bytes = await readFile(path);
  const name = 'h.1.mlp.c_proj.int8.scale';
  // The field's tag and its length, a byte each, come before the floats.
  const data = bytes.lastIndexOf(name) + name.length + 2;
  for (let i = 0; i < tinyShape.width; i++) bytes.writeFloatLE(scale, data + 4 * i);
  await writeFile(path, bytes);
}
