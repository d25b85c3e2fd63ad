/** @file Checkpoints as they come from elsewhere: one file or shards, three types, and everything a hostile folder can hold. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../src/shared/errors.ts';
import { Checkpoint } from '../../trainer/files/checkpointFolder.ts';
import { testFolder } from '../helpers/folders.ts';
import { checkpointWith, described, fileOf, safetensorsOf, sharded, tinyTensors } from './checkpoints.ts';

async function readAll(folder: string): Promise<Map<string, number[]>> {
  const checkpoint = await Checkpoint.open(folder);
  try {
    const values = new Map<string, number[]>();
    for (const [name, { file, entry }] of checkpoint.tensors) {
      const parts: number[] = [];
      for await (const part of file.floats(entry)) parts.push(...part);
      values.set(name, parts);
    }
    return values;
  } finally {
    await checkpoint.close();
  }
}

const expected = new Map(tinyTensors.map(({ name, data }) => [name, [...data]]));

test.each(['F32', 'F16', 'BF16'] as const)(
  '%s weights are the same numbers, in one file and in shards',
  async (type) => {
    const folder = testFolder();
    const one = checkpointWith(join(folder, 'one'), {
      'model.safetensors': safetensorsOf(described(tinyTensors, type)),
    });
    expect(await readAll(one)).toEqual(expected);
    expect(await readAll(checkpointWith(join(folder, 'shards'), sharded(type)))).toEqual(expected);
  },
);

const whole = safetensorsOf(described(tinyTensors));
const [shardA = '', shardB = ''] = Object.keys(sharded());
const indexOf = (map: unknown): string => JSON.stringify({ weight_map: map });
const one = safetensorsOf(new Map([['w', { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) }]]));
const typed = (dtype: string, bytes: number): Uint8Array =>
  safetensorsOf(new Map([['w', { dtype, shape: [1], bytes: new Uint8Array(bytes) }]]));

const refused: readonly [what: string, files: Record<string, Uint8Array | string>, says: RegExp][] = [
  ['no weights', {}, /neither model\.safetensors nor/],
  ['weights as a pickle only', { 'pytorch_model.bin': 'x' }, /save the model as safetensors/],
  ['a truncated file', { 'model.safetensors': whole.subarray(0, whole.length - 7) }, /cut short/],
  ['a file that ends in its header', { 'model.safetensors': whole.subarray(0, 40) }, /cut short/],
  ['a header of 90 MB', { 'model.safetensors': fileOf('{}').fill(5, 3, 4) }, /header claims 83886082 bytes, more than/],
  ['an unknown type', { 'model.safetensors': typed('F33', 4) }, /element type F33, which is unknown/],
  ['weights of integers', { 'model.safetensors': typed('I32', 4) }, /w is I32; weights are read as F32, F16 or BF16/],
  ['a type too wide for its bytes', { 'model.safetensors': typed('F64', 4) }, /of F64 does not fill its 4 bytes/],
  [
    'weights that are no numbers',
    { 'model.safetensors': safetensorsOf(described([{ name: 'w', dims: [2], data: Float32Array.of(1, NaN) }])) },
    /w holds infinity or what is no number/,
  ],
  ['an index that is not JSON', { 'model.safetensors.index.json': '{' }, /not JSON/],
  ['an index without a map', { 'model.safetensors.index.json': '{}' }, /no weight_map/],
  ['an empty map', { 'model.safetensors.index.json': indexOf({}) }, /names 0 files/],
  ...[
    '../x.safetensors',
    '/etc/x.safetensors',
    'a\\b.safetensors',
    'C:x.safetensors',
    '..',
    'x',
    '.safetensors',
    7,
  ].map((path): [string, Record<string, string>, RegExp] => [
    `a shard at ${path}`,
    { 'model.safetensors.index.json': indexOf({ w: path }) },
    /no name of a file in this folder/,
  ]),
  [
    'a shard that is missing',
    { 'model.safetensors.index.json': indexOf({ w: 'a.safetensors' }) },
    /a\.safetensors cannot be read/,
  ],
  [
    'a shard that lacks its tensor',
    { 'a.safetensors': one, 'model.safetensors.index.json': indexOf({ w: 'a.safetensors', v: 'a.safetensors' }) },
    /a\.safetensors lacks tensor v/,
  ],
  [
    'one tensor in two shards',
    {
      ...sharded(),
      'model.safetensors.index.json': indexOf(
        Object.fromEntries(tinyTensors.map(({ name }, i) => [name, i === 0 ? shardB : shardA])),
      ),
    },
    /does not place there/,
  ],
];

test.each(refused)('%s is refused', async (_what, files, says) => {
  const reading = readAll(checkpointWith(join(testFolder(), 'c'), files));
  await expect(reading).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  await expect(reading).rejects.toThrow(says);
});

test('a folder in place of the file, and a file cut while it is read, are refused', async () => {
  const folder = checkpointWith(join(testFolder(), 'c'), {});
  mkdirSync(join(folder, 'model.safetensors'));
  await expect(readAll(folder)).rejects.toThrow(/model\.safetensors/);
  const other = checkpointWith(join(testFolder(), 'c'), { 'model.safetensors': whole });
  const checkpoint = await Checkpoint.open(other);
  truncateSync(join(other, 'model.safetensors'), whole.length - 100);
  const last = [...checkpoint.tensors.values()].at(-1);
  const reading = (async () => {
    for await (const part of last?.file.floats(last.entry) ?? []) expect(part.length).toBeGreaterThan(0);
  })();
  await expect(reading).rejects.toThrow(/ended while it was read/);
  await checkpoint.close();
});

test('a name out of a hostile file stays on one line of the message and is cut', async () => {
  const name = `\u001b[2J\n\u202e${'x'.repeat(500)}`;
  const folder = checkpointWith(join(testFolder(), 'c'), {
    'model.safetensors': fileOf(JSON.stringify({ [name]: 1 })),
  });
  const error = await readAll(folder).catch((reason: unknown) => reason);
  expect(String(error)).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(String(error).length).toBeLessThan(300);
});

test('whatever the bytes, a checkpoint is read or refused: no other error, no memory beyond the file', async () => {
  const folder = checkpointWith(join(testFolder(), 'c'), {});
  const path = join(folder, 'model.safetensors');
  const header = fc.oneof(
    fc.json(),
    fc
      .dictionary(
        fc.string(),
        fc.record({
          dtype: fc.constantFrom('F32', 'F16', 'BF16', 'BOOL', 'F8_E4M3', 'X'),
          shape: fc.array(fc.oneof(fc.nat(9), fc.maxSafeInteger(), fc.double()), { maxLength: 3 }),
          data_offsets: fc.array(fc.oneof(fc.nat(40), fc.maxSafeInteger()), { maxLength: 3 }),
        }),
        { maxKeys: 3 },
      )
      .map((tensors) => JSON.stringify(tensors)),
  );
  const made = fc.tuple(header, fc.uint8Array({ maxLength: 40 })).map(([text, body]) => fileOf(text, body));
  const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length)).map(([at, value, end]) =>
    Uint8Array.from(whole)
      .fill(value, at, at + 1)
      .subarray(0, end),
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(made, changed, fc.uint8Array({ maxLength: 64 })), async (bytes) => {
      writeFileSync(path, bytes);
      try {
        await readAll(folder);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect(error).toMatchObject({ code: 'MODEL_INVALID' });
      }
    }),
    { numRuns: 400 },
  );
});
