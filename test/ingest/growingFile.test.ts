/** @file Files that grow, with a clock of the test's own: half lines, encodings, cuts, places to go on from. Catches a byte read twice or never. */
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FilePlace } from '../../src/main/ingest/fileIdentity.ts';
import { GrowingFile } from '../../src/main/ingest/growingFile.ts';
import { isRotated, newerThan } from '../../src/main/ingest/rotation.ts';
import { testFolder } from '../helpers/folders.ts';

const options = {
  hash: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex'),
  halfLineMs: 10_000,
  leaveMs: 1000,
};

class Reader {
  file: GrowingFile;
  readonly path: string;
  now = 0;

  constructor(path: string, place: FilePlace | null = null) {
    this.path = path;
    this.file = new GrowingFile(path, place, options);
  }

  /** What is new when so much time has passed. */
  read(passedMs = 100, most = 1000): string {
    let text = '';
    for (const end = this.now + passedMs; this.now < end;) {
      this.now += 100;
      this.file.look(this.now);
      for (let piece = this.file.read(most, this.now); piece; piece = this.file.read(most, this.now))
        text += piece.bytes.toString('utf8');
    }
    return text;
  }

  /** As a later start of the app. */
  again(): void {
    const place = this.file.place();
    this.file.close();
    this.file = new GrowingFile(this.path, place, options);
  }
}

test('half a line waits for its end, and counts as one after a while', () => {
  const path = join(testFolder(), 'a.log');
  writeFileSync(path, 'one\nhalf');
  const reader = new Reader(path);
  expect(reader.read()).toBe('one\n');
  appendFileSync(path, ' and the rest\ntwo');
  expect(reader.read()).toBe('half and the rest\n');
  expect(reader.read(9000)).toBe('');
  expect(reader.file.lagBytes).toBe(3);
  expect(reader.read(2000)).toBe('two');
  appendFileSync(path, '\nthree\n');
  expect(reader.read()).toBe('\nthree\n');
});

test('UTF-16 is cut at its own line ends, also in the middle of a character', () => {
  const path = join(testFolder(), 'wide.log');
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('eins Ă\nzwei Ċ\n', 'utf16le')]);
  const reader = new Reader(path);
  let text = '';
  for (const byte of bytes) {
    appendFileSync(path, Buffer.from([byte]));
    text += reader.read();
  }
  expect(text).toBe('eins Ă\nzwei Ċ\n');
});

test('what is packed or no text is refused in words, and looked at again when it is another file', () => {
  const path = join(testFolder(), 'a.log');
  writeFileSync(path, Buffer.from([0x1f, 0x8b, 8, 0, 0]));
  const reader = new Reader(path);
  reader.read(11_000);
  expect(reader.file.state).toEqual({ kind: 'failed', message: expect.stringContaining('is packed') });
  rmSync(path);
  reader.read();
  writeFileSync(`${path}.new`, 'text\n');
  renameSync(`${path}.new`, path);
  expect(reader.read(3000)).toBe('text\n');
});

test('cut and filled again beyond the place between two looks: it is read from its start', () => {
  const path = join(testFolder(), 'a.log');
  writeFileSync(path, 'first file\n');
  const reader = new Reader(path);
  expect(reader.read()).toBe('first file\n');
  truncateSync(path, 0);
  appendFileSync(path, 'the second file is longer\nthan the first\n');
  expect(reader.read(300)).toBe('the second file is longer\nthan the first\n');
});

test('a later start goes on in the file it knows: renamed, copied over itself, or gone', () => {
  const path = join(testFolder(), 'a.log');
  writeFileSync(path, 'one\ntwo\n');
  const reader = new Reader(path);
  reader.read();
  appendFileSync(path, 'three\n');
  // Written anew by a tool that copies: another inode, the same text.
  copyFileSync(path, `${path}.copy`);
  renameSync(`${path}.copy`, path);
  reader.again();
  expect(reader.read()).toBe('three\n');
  renameSync(path, `${path}-20261120`);
  appendFileSync(`${path}-20261120`, 'four\n');
  writeFileSync(path, 'five\n');
  reader.again();
  expect(reader.read(5000)).toBe('four\nfive\n');
  writeFileSync(path, 'another\n');
  reader.again();
  expect(reader.read(3000)).toBe('another\n');
});

test('any sequence of writing, rotating, cutting and starting again gives every line once, in order', () => {
  const step = fc.constantFrom('write', 'half', 'rotate', 'cut', 'again', 'rest', 'delete');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const folder = testFolder();
      const path = join(folder, 'a.log');
      const reader = new Reader(path);
      let expected = '';
      let got = '';
      let number = 0;
      let hasHalf = false;
      writeFileSync(path, '');
      for (const one of steps) {
        if (one === 'write' || one === 'half') {
          const text = `line ${++number} of the log${one === 'half' ? '' : '\n'}`;
          appendFileSync(path, text);
          expected += text;
          hasHalf = one === 'half';
        } else if (one === 'again') reader.again();
        else if (one === 'rest') reader.file.rest();
        else {
          // The end of a file, and its half line with it, is read before the file goes: nobody could after it.
          got += reader.read(hasHalf ? 12_000 : 200);
          hasHalf = false;
          if (one === 'rotate') renameSync(path, `${path}.${1000 - number}`);
          if (one === 'cut') truncateSync(path, 0);
          if (one === 'delete') rmSync(path, { force: true });
          if (one !== 'cut') writeFileSync(path, '');
          got += reader.read(3000);
        }
        got += reader.read(200);
      }
      got += reader.read(15_000);
      expect(got).toBe(expected);
      reader.file.close();
    }),
    { numRuns: 60 },
  );
});

test('names that a log gets when it is rotated, the oldest first', () => {
  expect(
    ['a.log.1', 'a.log-20260101', 'a.log.2026-01-01', 'a.log.gz', 'a.log.1.gz', 'a.log.bak', 'b.log.1', 'a.log'].map(
      (name) => isRotated('a.log', name),
    ),
  ).toEqual([true, true, true, false, false, false, false, false]);
  expect(
    newerThan('a.log', 'a.log.3', ['a.log', 'a.log.1', 'a.log.2', 'a.log.3', 'a.log.4', 'a.log-20260101']),
  ).toEqual(['a.log.2', 'a.log.1']);
  expect(newerThan('a.log', 'a.log-20260102', ['a.log-20260101', 'a.log-20260104', 'a.log-20260103'])).toEqual([
    'a.log-20260103',
    'a.log-20260104',
  ]);
});
