/** @file The safetensors reader: what we write comes back, and nothing hostile gets through or crashes. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../src/shared/errors.ts';
import { readSafetensors, writeSafetensors, type NamedTensor } from '../../trainer/files/safetensors.ts';

const tensor = fc.array(fc.float({ noNaN: true }), { maxLength: 12 }).map((values) => ({
  dims: values.length % 2 === 0 ? [2, values.length / 2] : [values.length],
  data: Float32Array.from(values),
}));
const name = fc
  .string({ minLength: 1, maxLength: 12, unit: 'binary' })
  .filter((text) => text !== '__proto__' && text !== '__metadata__');
const tensors = fc
  .dictionary(name, tensor, { maxKeys: 6, noNullPrototype: true })
  .map((record): NamedTensor[] => Object.entries(record).map(([key, value]) => ({ name: key, ...value })));

/** A file with `header` as its header text and `body` after it. */
function fileOf(header: string, body = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + body.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(body, 8 + text.length);
  return file;
}

function describe(shape: unknown, range: unknown, dtype: unknown = 'F32'): unknown {
  return { dtype, shape, data_offsets: range };
}

test('what is written is read back, names of any characters included', () => {
  fc.assert(
    fc.property(tensors, (list) => {
      const byName = (a: NamedTensor, b: NamedTensor): number => (a.name < b.name ? -1 : 1);
      expect(readSafetensors(writeSafetensors(list, { format: 'pt' }), 'x').toSorted(byName)).toEqual(
        list.toSorted(byName),
      );
    }),
  );
});

test('the layout is the published one (a file that Hugging Face cannot open)', () => {
  const file = writeSafetensors([{ name: 'w', dims: [1, 2], data: Float32Array.of(1, 2) }], { format: 'pt' });
  const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
  expect(headerBytes % 8).toBe(0);
  expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)))).toEqual({
    __metadata__: { format: 'pt' },
    w: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
  });
  expect([...new Float32Array(file.slice(8 + headerBytes).buffer)]).toEqual([1, 2]);
});

test.each([
  ['an empty file', new Uint8Array()],
  ['a header length beyond the file', fileOf('{}').fill(255, 0, 7)],
  ['a header length of 2^63', fileOf('{}').fill(128, 7, 8)],
  ['a header that is not JSON', fileOf('{"w":')],
  ['a header that is not UTF-8', fileOf('{}').fill(0xff, 8, 9)],
  ['a header that is an array', fileOf('[]')],
  ['a tensor that is null', fileOf('{"w":null}')],
  ['another element type', fileOf(JSON.stringify({ w: describe([1], [0, 4], 'F16') }), new Uint8Array(4))],
  ['a gap before the first tensor', fileOf(JSON.stringify({ w: describe([1], [4, 8]) }), new Uint8Array(8))],
  [
    'overlapping tensors',
    fileOf(JSON.stringify({ a: describe([2], [0, 8]), b: describe([1], [4, 8]) }), new Uint8Array(8)),
  ],
  ['an end before the start', fileOf(JSON.stringify({ w: describe([1], [4, 0]) }), new Uint8Array(4))],
  ['an end beyond the file', fileOf(JSON.stringify({ w: describe([2], [0, 8]) }), new Uint8Array(4))],
  ['bytes that belong to no tensor', fileOf(JSON.stringify({ w: describe([1], [0, 4]) }), new Uint8Array(8))],
  ['a shape that does not fill its bytes', fileOf(JSON.stringify({ w: describe([3], [0, 4]) }), new Uint8Array(4))],
  [
    'a shape whose product overflows',
    fileOf(JSON.stringify({ w: describe([2 ** 40, 2 ** 40, 0.5], [0, 4]) }), new Uint8Array(4)),
  ],
  ['negative offsets', fileOf(JSON.stringify({ w: describe([1], [-4, 0]) }), new Uint8Array(4))],
  [
    'a name that occurs twice',
    fileOf(
      '{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
    ),
  ],
])('%s is refused with the name of the file', (_what, file) => {
  expect(() => readSafetensors(file, 'folder/weights.safetensors')).toThrow(
    expect.objectContaining({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('folder/weights.safetensors') as string,
    }),
  );
});

test('a damaged file is refused or read, never a crash (an exception of the wrong kind, an endless loop)', () => {
  const edits = fc.array(fc.record({ at: fc.nat(400), value: fc.nat(255) }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(tensors, edits, fc.nat(400), (list, changes, cut) => {
      const file = writeSafetensors(list);
      for (const { at, value } of changes) file[at % file.length] = value;
      try {
        readSafetensors(file.subarray(0, cut < 200 ? file.length : cut), 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect(error).toMatchObject({ code: 'MODEL_INVALID' });
      }
    }),
    { numRuns: 500 },
  );
});
