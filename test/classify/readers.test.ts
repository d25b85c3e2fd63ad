/** @file Archives, arrays, pickles and templates as files bring them, whole and hostile. `make_fixtures.py` made the fixtures. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { buffer } from 'node:stream/consumers';
import { readArchive } from '../../src/main/classify/archive.ts';
import { readNpy } from '../../src/main/classify/npy.ts';
import { readPickle } from '../../src/main/classify/pickle.ts';
import type { PickledArray } from '../../src/main/classify/pickleArrays.ts';
import { readTemplates } from '../../src/main/classify/templates.ts';
import { AppError } from '../../src/shared/errors.ts';

const fixture = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, 'fixtures', name));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** What is thrown is an AppError that says BAD_INPUT; anything else is a bug. */
async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError && error.code === 'BAD_INPUT') return error.message;
    throw error;
  }
  return 'it was read';
}

function npy(header: string, body: Uint8Array, version = 1): Uint8Array {
  const head = text(header);
  const length = version === 1 ? [head.length & 255, head.length >> 8] : [head.length & 255, head.length >> 8, 0, 0];
  return Uint8Array.of(0x93, ...text('NUMPY'), version, 0, ...length, ...head, ...body);
}

async function zip(entries: Record<string, Uint8Array>): Promise<Uint8Array> {
  const file = new ZipFile();
  for (const [name, bytes] of Object.entries(entries)) file.addBuffer(Buffer.from(bytes), name);
  file.end();
  return buffer(file.outputStream);
}

describe('archives', () => {
  const ids = [5, 5, 7, 5, 9, 7, 300, 5, 5, 70_000, 9, 9];

  it.each(['plain', 'packed', 'fortran', 'big-endian', 'floats'])(
    '%s: the same windows, however NumPy stored them (a byte order, an order of the axes, a type read as another)',
    async (name) => {
      const { train, test } = await readArchive(fixture(`${name}.npz`));
      expect([...train.ids]).toEqual(ids);
      expect([train.length, ...train.labels]).toEqual([3, 0, 1, 0, 1]);
      expect([[...test.ids], [...test.labels]]).toEqual([ids.slice(0, 6), [0, 1]]);
    },
  );

  it('object arrays are refused by their header: their content is a pickle', async () => {
    expect(await refusal(() => readArchive(fixture('objects.npz')))).toMatch(/X_.*Python objects, which may hold code/);
  });

  it('says what is missing, misshapen or no label', async () => {
    const int8 = (shape: string, ...values: number[]): Uint8Array =>
      npy(`{'descr': '|i1', 'fortran_order': False, 'shape': ${shape}, }`, Uint8Array.from(values));
    const good = { 'X_train.npy': int8('(2, 2)', 1, 2, 3, 4), 'y_train.npy': int8('(2,)', 0, 1) };
    const whole = { ...good, 'X_test.npy': int8('(1, 2)', 1, 2), 'y_test.npy': int8('(1,)', 0) };
    const of = async (change: Record<string, Uint8Array>): Promise<string> =>
      refusal(async () => readArchive(await zip({ ...whole, ...change })));
    expect(await refusal(async () => readArchive(await zip(good)))).toMatch(/has no X_test/);
    expect(await of({ 'X_test.npy': int8('(1, 3)', 1, 2, 3) })).toMatch(/windows of 2 events and X_test of 3/);
    expect(await of({ 'y_train.npy': int8('(2,)', 0, 2) })).toMatch(/y_train has 2 at 1/);
    expect(await of({ 'y_train.npy': int8('(1,)', 0) })).toMatch(/one label for each of the 2 windows/);
    expect(await of({ 'X_train.npy': int8('(2, 2)', 1, 2, 3, 255) })).toMatch(/X_train has -1 in window 1/);
    expect(await of({ 'X_train.npy': int8('(4,)', 1, 2, 3, 4) })).toMatch(/has 1 dimensions/);
    expect(await of({ 'X_train.npy': int8('(99, 2)', 1) })).toMatch(/take 198 bytes, and there are 1/);
    expect(await of({ 'X_train.npy': int8('(1000000, 1000000)', 1) })).toMatch(/at most 4000000 are read/);
  });

  it('a zip bomb is refused by its size before it is unpacked, and by what comes out of it', async () => {
    const zeros = deflateRawSync(Buffer.alloc(40_000_000));
    const bomb = (claimed: number): Uint8Array => storedEntry('X_train.npy', zeros, claimed);
    expect(await refusal(() => readArchive(bomb(40_000_000)))).toMatch(/40000000 bytes; that is too much/);
    expect(await refusal(() => readArchive(bomb(1000)))).toMatch(/no \.npz archive|larger than it says/);
  });

  it('names are no paths: what climbs out of a folder is refused or passed over', async () => {
    const entry = storedEntry('../../X_train.npy', deflateRawSync(Buffer.from('x')), 1);
    expect(await refusal(() => readArchive(entry))).toMatch(/no \.npz archive|has no X_train/);
  });

  it('any bytes, and any change of an archive, give windows or a sentence', async () => {
    const whole = fixture('packed.npz');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(whole.length),
        async (changes, end) => {
          const bytes = whole.slice(0, end % 3 === 0 ? end : whole.length);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          await refusal(() => readArchive(bytes));
        },
      ),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        async (bytes) => void (await refusal(() => readArchive(bytes))),
      ),
    );
  });
});

describe('arrays', () => {
  it.each([
    ['records', "[('a', '<i4')]"],
    ['text', "'<U5'"],
    ['complex numbers', "'<c16'"],
    ['dates', "'<M8[ns]'"],
  ])('%s are refused', async (_, descr) => {
    const bytes = npy(`{'descr': ${descr}, 'fortran_order': False, 'shape': (1,), }`, new Uint8Array(16));
    expect(await refusal(() => readNpy(bytes, 'X', 10))).toMatch(/X: (its elements|its header)/);
  });

  it('a header is data: what NumPy would evaluate is not read', async () => {
    const bytes = npy(
      "{'descr': '<i4', 'fortran_order': False, 'shape': (__import__('os').getpid(),), }",
      new Uint8Array(4),
    );
    expect(await refusal(() => readNpy(bytes, 'X', 10))).toMatch(/header/);
  });

  it('any header gives an array or a sentence', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('<i4', '>f8', '|O', '<u8', '|b1', 'x'),
        fc.constantFrom('True', 'False', '1'),
        fc.array(fc.nat(50), { maxLength: 9 }),
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom(1, 2, 3, 4),
        async (descr, order, shape, body, version) => {
          const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')},), }`;
          await refusal(() => readNpy(npy(header, body, version), 'X', 1000));
        },
      ),
    );
  });
});

describe('pickles', () => {
  const templates = new Map<number, string>([
    [5, 'session opened for <user>'],
    [7, 'closed'],
    [9, 'failed, twice'],
    [300, '=1+1'],
  ]);

  it.each([0, 1, 2, 3, 4, 5])('protocol %i: a dictionary of templates', (protocol) => {
    expect(readTemplates(fixture(`templates-${protocol}.pkl`))).toEqual(templates);
  });

  it('texts to ids, with NumPy numbers, and a list', () => {
    expect(readTemplates(fixture('reverse.pkl'))).toEqual(templates);
    expect([...readTemplates(fixture('list.pkl'))]).toEqual(
      [...templates.values()].map((value, place) => [place, value]),
    );
  });

  it.each([2, 4, 5])('protocol %i: arrays of numbers in either byte order and either order of axes', (protocol) => {
    const value = readPickle(fixture(`arrays-${protocol}.pkl`)) as Map<string, PickledArray>;
    expect([...(value.get('ids')?.value?.data ?? [])]).toEqual([1, 2, 3, 4]);
    expect(value.get('x')?.value).toEqual({ shape: [2, 2], data: Float64Array.of(1.5, 2, 3, 4) });
  });

  it.each(['calls.pkl', 'calls-0.pkl', 'counter.pkl', 'object-array.pkl'])(
    '%s is refused, and nothing of it runs',
    async (name) => {
      expect(await refusal(() => readPickle(fixture(name)))).toMatch(/names "|Python objects/);
      // The command in it would write beside where this runs.
      expect(existsSync('surprisal-pickle-ran')).toBe(false);
    },
  );

  it('every instruction that is not one of data is refused by its number and place', async () => {
    // INST, OBJ, NEWOBJ, NEWOBJ_EX, PERSID, BINPERSID, EXT1, EXT2, EXT4, sets, out-of-band buffers
    for (const opcode of [...'ioQP']
      .map((c) => c.charCodeAt(0))
      .concat(0x81, 0x92, 0x82, 0x83, 0x84, 0x8f, 0x90, 0x91, 0x97, 0x98)) {
      const bytes = Uint8Array.of(0x80, 4, opcode, 0x2e, 0x2e, 0x2e);
      expect(await refusal(() => readPickle(bytes)), String(opcode)).toMatch(`0x${opcode.toString(16)} at byte 2`);
    }
  });

  it('what asks for more memory than it brings is refused', async () => {
    const u32 = (n: number): number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24];
    expect(await refusal(() => readPickle(Uint8Array.of(0x80, 4, 0x42, ...u32(2 ** 31), 0x2e)))).toMatch(/cut off/);
    const many = new Uint8Array(3_000_000).fill(0x4e); // None, again and again
    expect(await refusal(() => readPickle(many))).toMatch(/more than/);
  });

  it('any change of a pickle gives data or a sentence', async () => {
    const wholes = ['templates-0.pkl', 'templates-4.pkl', 'arrays-2.pkl', 'arrays-5.pkl', 'calls.pkl'].map(fixture);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...wholes),
        fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { maxLength: 4 }),
        async (whole, changes) => {
          const bytes = whole.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          await refusal(() => readPickle(bytes));
        },
      ),
      { numRuns: 1500 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        async (bytes) => void (await refusal(() => readPickle(bytes))),
      ),
      {
        numRuns: 1000,
      },
    );
  });
});

describe('templates', () => {
  it('CSV with a head, without one, quoted; JSON of four forms', () => {
    const two = [
      [0, 'a, "b"'],
      [4, '=cmd'],
    ];
    for (const file of [
      'EventId,Occurrences,EventTemplate\r\nE0,3,"a, ""b"""\r\nE4,1,=cmd\r\n',
      '0,"a, ""b"""\n4,=cmd',
      '{"0": "a, \\"b\\"", "4": "=cmd"}',
      '{"a, \\"b\\"": 0, "=cmd": 4}',
      '[{"EventId": 0, "EventTemplate": "a, \\"b\\""}, {"EventId": "E4", "EventTemplate": "=cmd"}]',
    ])
      expect([...readTemplates(text(file))], file).toEqual(two);
    expect([...readTemplates(text('["x", "y"]'))]).toEqual([
      [0, 'x'],
      [1, 'y'],
    ]);
  });

  it('where ids are no numbers the places are (hashes as ids, as Drain names them)', () => {
    expect([...readTemplates(text('EventId,EventTemplate\na1b2,first\nffee,second'))]).toEqual([
      [0, 'first'],
      [1, 'second'],
    ]);
  });

  it('says where there are none', async () => {
    expect(await refusal(() => readTemplates(text('{"a": [1]}')))).toMatch(/no templates/);
    expect(await refusal(() => readTemplates(text('{"a":')))).toMatch(/begins as JSON and is none/);
    expect(await refusal(() => readTemplates(text('')))).toMatch(/no templates/);
  });
});

/** An archive of one entry whose head says of its size what we like. */
function storedEntry(name: string, packed: Uint8Array, claimedBytes: number): Uint8Array {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0); // version
  fields.writeUInt16LE(8, 4); // deflate
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(claimedBytes, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), packed]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02', 'latin1'),
    Buffer.from([20, 0]),
    fields,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
