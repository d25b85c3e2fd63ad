/** @file Models that must not be loaded: each is refused with a code and the file's name, and the engine works on. */
import { copyFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packSequences } from '../../src/shared/sequences.ts';
import { randomModel, tinyShape } from '../trainer/models.ts';
import { connectEngine } from './client.ts';

const otherShape = { ...tinyShape, vocabularySize: tinyShape.vocabularySize - 2 };

const damages: [what: string, file: string, damage: (directory: string) => Promise<void>][] = [
  ['a missing file', 'explain.onnx', (directory) => rm(join(directory, 'explain.onnx'))],
  ['a truncated file', 'score.onnx', (directory) => truncate(join(directory, 'score.onnx'), 5000)],
  ['an empty file', 'explain.onnx', (directory) => truncate(join(directory, 'explain.onnx'), 0)],
  ['a file of noise', 'score.onnx', (directory) => writeFile(join(directory, 'score.onnx'), Buffer.alloc(4000, 'x7'))],
  [
    "one graph in the other one's place",
    'score.onnx',
    (directory) => copyFile(join(directory, 'explain.onnx'), join(directory, 'score.onnx')),
  ],
  ['a shape that is not JSON', 'shape.json', (directory) => writeFile(join(directory, 'shape.json'), '{')],
  ['a shape that is not an object', 'shape.json', (directory) => writeFile(join(directory, 'shape.json'), 'null')],
  [
    'a shape other than the registered one',
    'shape.json',
    (directory) => writeFile(join(directory, 'shape.json'), JSON.stringify(otherShape)),
  ],
  [
    'weights of another shape',
    'score.onnx',
    async (directory) => copyFile(join(await randomModel(otherShape, 1), 'score.onnx'), join(directory, 'score.onnx')),
  ],
  [
    'weights that are not numbers',
    'score.onnx',
    async (directory) => {
      const path = join(directory, 'score.onnx');
      const bytes = await readFile(path);
      // The embedding table is the first long tensor; NaN in float32 is 0x7fc00000.
      const at = bytes.indexOf('wte.weight') + 'wte.weight'.length + 4;
      for (let i = 0; i < 64; i++) bytes.writeUInt32LE(0x7fc00000, at + 4 * i);
      for (let i = 0; i < 64; i++)
        bytes.writeUInt32LE(0x7fc00000, at + 4 * (tinyShape.vocabularySize * tinyShape.width - 64 + i));
      await writeFile(path, bytes);
    },
  ],
];

test.each(damages)('%s', async (_what, file, damage) => {
  const engine = connectEngine();
  await engine.call('load', { modelId: 'good', directory: await randomModel(tinyShape, 1), shape: tinyShape });
  const directory = await randomModel(tinyShape, 1);
  await damage(directory);
  await expect(engine.call('load', { modelId: 'bad', directory, shape: tinyShape })).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    message: expect.stringContaining(join(directory, file)) as string,
  });
  expect((await engine.call('info', undefined)).loaded).toEqual(['good']);
  const { bits } = await engine.call('score', { modelId: 'good', sequences: packSequences([[1, 4, 2]]) });
  expect(bits.every(Number.isFinite)).toBe(true);
});

test('a model cut off at any length is refused, never a crash', async () => {
  const engine = connectEngine();
  const directory = await randomModel({ ...tinyShape, layers: 1, width: 4 }, 1);
  const path = join(directory, 'score.onnx');
  const whole = await readFile(path);
  for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 60)) {
    await writeFile(path, whole.subarray(0, length));
    const shape = { ...tinyShape, layers: 1, width: 4 };
    await expect(engine.call('load', { modelId: 'm', directory, shape })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
    });
  }
});
