/** @file Files of every encoding and line end, read into a real workspace. Catches characters that change and bytes that are lost. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeWindows1252, encodeWindows1252, guessEncoding } from '../../src/main/ingest/encoding.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import type { TextEncoding } from '../../src/shared/lines.ts';
import { importLog, openApp, type TestApp } from '../helpers/app.ts';
import { fileFolder } from '../helpers/folders.ts';

let test: TestApp;
let database: Database.Database;
beforeAll(async () => {
  const directory = join(fileFolder(), 'workspace');
  test = await openApp(directory);
  database = new Database(workspacePaths(directory).database, { readonly: true });
});
afterAll(async () => {
  database.close();
  await test.close();
});

const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
const german = 'Anmeldung von Müller über tür-7 „fehlgeschlagen“ – 5 €';
const megabyte = `${'x'.repeat(1 << 20)}é`;

type Expected = {
  lines: string[];
  encoding?: TextEncoding;
  bad?: number;
  blank?: number;
  bytesOf?: Record<number, Buffer>;
};
const files: readonly [name: string, content: string | Buffer, expected: Expected][] = [
  ['ascii', 'one\ntwo\n', { lines: ['one', 'two'] }],
  ['utf-8', `${german}\nzwei 日本 🎈\n`, { lines: [german, 'zwei 日本 🎈'] }],
  ['utf-8 with a byte order mark', '\ufeffone\n', { lines: ['one'] }],
  ['crlf', 'one\r\ntwo\r\n', { lines: ['one', 'two'] }],
  ['cr', 'one\rtwo\r', { lines: ['one', 'two'] }],
  ['mixed line ends', 'one\r\ntwo\rthree\n\rfour', { lines: ['one', 'two', 'three', 'four'], blank: 1 }],
  ['no final line end', 'one\ntwo', { lines: ['one', 'two'] }],
  ['NUL bytes', 'one\0two\n\0\n', { lines: ['one\0two', '\0'] }],
  ['a line of a megabyte', `a\n${megabyte}\nb`, { lines: ['a', megabyte, 'b'] }],
  [
    'bad bytes among good ones',
    bytes('grüße\nuser ', [0xff, 0xc3, 0x28], ' end\nfine\n'),
    {
      lines: ['grüße', 'user \ufffd\ufffd( end', 'fine'],
      bad: 1,
      bytesOf: { 2: bytes('user ', [0xff, 0xc3, 0x28], ' end') },
    },
  ],
  [
    'binary rubbish in a log of ASCII',
    bytes('one\n', [0x80, 0xff, 0x81, 0xfe, 0x01, 0x90, 0x90], '\ntwo\n'),
    { lines: ['one', '\ufffd\ufffd\ufffd\ufffd\x01\ufffd\ufffd', 'two'], bad: 1 },
  ],
  ['utf-16', utf16(`${german}\r\nzwei`), { lines: [german, 'zwei'], encoding: 'utf-16le' }],
  ['utf-16, big end first', utf16(`${german}\nzwei\n`).swap16(), { lines: [german, 'zwei'], encoding: 'utf-16be' }],
  [
    'utf-16 cut in a character',
    utf16('one\ntwo').subarray(0, -1),
    { lines: ['one', 'tw\ufffd'], encoding: 'utf-16le' },
  ],
  [
    'windows-1252',
    Buffer.concat([Buffer.from('plain\n'), encodeWindows1252(german), Buffer.from('\nplain\n')]),
    {
      lines: ['plain', german, 'plain'],
      encoding: 'windows-1252',
      bytesOf: { 2: Buffer.from(encodeWindows1252(german)) },
    },
  ],
  [
    'windows-1252 with a line of UTF-8 in it',
    Buffer.concat([encodeWindows1252(`${german}\n`), Buffer.from('日\n'), encodeWindows1252('Tür')]),
    { lines: [german, '日', 'Tür'], encoding: 'windows-1252' },
  ],
  [
    'windows-1252 behind much ASCII',
    Buffer.concat([Buffer.from('plain words\n'.repeat(9000)), encodeWindows1252('Tür')]),
    { lines: [...Array.from({ length: 9000 }, () => 'plain words'), 'Tür'], encoding: 'windows-1252' },
  ],
];

describe('a log in', () => {
  it.each(files)('%s is stored as it is written', async (name, content, expected) => {
    const path = join(fileFolder(), `${name}.log`);
    writeFileSync(path, content);
    const preview = await test.ask('files.preview', { token: await test.offer(path) });
    const sourceId = await importLog(test, path);
    const rows = database
      .prepare<[number], { line: number; raw: string; bytes: Buffer | null }>(
        'SELECT line_number AS line, raw, raw_bytes AS bytes FROM event WHERE source_id = ? ORDER BY id',
      )
      .all(sourceId);
    expect(rows.map(({ raw }) => raw)).toEqual(expected.lines);
    const { encoding = 'utf-8', bad = 0, blank = 0 } = expected;
    const source = (await test.ask('sources.list', {})).find(({ id }) => id === sourceId);
    expect(source).toMatchObject({
      encoding,
      badByteCount: bad,
      blankCount: blank,
      lineCount: expected.lines.length + blank,
    });
    // The preview reads no further than the first block.
    if (expected.lines.length < 100) expect(preview.encoding).toBe(encoding);
    for (const [line, exact] of Object.entries(expected.bytesOf ?? {})) {
      expect(rows.find((row) => row.line === Number(line))?.bytes).toEqual(exact);
    }
    // Long lines are cut in view, and only there.
    const [first] = await test.ask('logs.rows', { sourceId, firstRow: Math.min(1, rows.length - 1), limit: 1 });
    if (name === 'a line of a megabyte') expect(first).toMatchObject({ isCut: true, raw: 'x'.repeat(2000) });
  });
});

describe('Windows-1252', () => {
  it('gives every byte back', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(encodeWindows1252(decodeWindows1252(all))).toEqual(all);
    expect(decodeWindows1252(all).length).toBe(256);
  });

  it('is not taken from what a block cuts off, and not from bytes that stand beside no letters', () => {
    expect(guessEncoding(bytes('gr', [0xc3]))).toBeNull();
    expect(guessEncoding(bytes('日'.slice(0, 1)).subarray(0, 2))).toBeNull();
    expect(guessEncoding(bytes([0xff, 0xfe, 0xfd, 0xfc]))).toBe('utf-8');
    expect(guessEncoding(bytes('T', [0xfc], 'r'))).toBe('windows-1252');
  });

  // What counts as valid must be what the reader takes as valid, or a file is read in two minds.
  it('counts as valid what Node takes for UTF-8', () => {
    for (const sample of ['é', '日', '🎈', '\u0800', '\ud7ff', '\ue000', '\u{10ffff}']) {
      expect(guessEncoding(bytes(`a${sample}b`))).toBe('utf-8');
    }
    for (const bad of [
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe0, 0x80, 0x80],
    ]) {
      expect(guessEncoding(bytes('a ', bad.slice(0, 1), ' b', bad.slice(0, 1), 'c'))).toBe('windows-1252');
    }
  });
});
