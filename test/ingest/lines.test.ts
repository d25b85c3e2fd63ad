import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashFile } from '../../src/main/ingest/file.ts';
import { readLines, type LineBatch } from '../../src/main/ingest/lines.ts';
import { AppError } from '../../src/shared/errors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lines-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
let fileCount = 0;

function file(content: Uint8Array | string): string {
  const path = join(folder, `${fileCount++}.log`);
  writeFileSync(path, content);
  return path;
}

async function batchesOf(path: string, batchLines?: number): Promise<LineBatch[]> {
  const batches: LineBatch[] = [];
  for await (const batch of readLines(path, batchLines === undefined ? { signal } : { signal, batchLines })) {
    batches.push(batch);
  }
  return batches;
}

async function linesOf(content: Uint8Array | string): Promise<string[]> {
  return (await batchesOf(file(content))).flatMap((batch) => batch.lines);
}

/** Reads until it throws and gives both. */
async function linesAndError(path: string): Promise<{ lines: string[]; error: unknown }> {
  const lines: string[] = [];
  try {
    for await (const batch of readLines(path, { signal })) lines.push(...batch.lines);
  } catch (error) {
    return { lines, error };
  }
  return { lines, error: null };
}

describe('splitting', () => {
  it('ends lines at LF, CRLF and a lone CR, and needs no end at the last', async () => {
    expect(await linesOf('a\nb\r\nc\rd\n\ne')).toEqual(['a', 'b', 'c', 'd', '', 'e']);
    expect(await linesOf('a\n')).toEqual(['a']);
    expect(await linesOf('')).toEqual([]);
    expect(await linesOf('\r\n\r\n')).toEqual(['', '']);
  });

  it('finds the same lines wherever the chunks of the file are cut', async () => {
    // 64 KB is the first chunk: line ends and multi-byte characters fall on its edge.
    for (const around of [-2, -1, 0, 1]) {
      const head = 'x'.repeat((64 << 10) + around);
      expect(await linesOf(`${head}\r\nnext`)).toEqual([head, 'next']);
      expect(await linesOf(`${head}\rnext`)).toEqual([head, 'next']);
      expect(await linesOf(`${head}é€😀end\nnext`)).toEqual([`${head}é€😀end`, 'next']);
    }
  });

  it('agrees with a simple splitter on any text', async () => {
    const text = fc
      .array(fc.constantFrom('a', 'é', '\n', '\r', '\r\n', '\t', ' ', '😀', 'zz'))
      .map((all) => all.join(''));
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        const expected = content.split(/\r\n|\n|\r/);
        if (expected.at(-1) === '') expected.pop();
        expect(await linesOf(content)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps a line of two megabytes whole', async () => {
    const long = 'abc '.repeat(500_000);
    expect(await linesOf(`first\n${long}\nlast`)).toEqual(['first', long, 'last']);
  });

  it('drops the byte order mark at the start only, and keeps NUL bytes', async () => {
    expect(await linesOf('\ufeffone\n\ufefftwo\0\n')).toEqual(['one', '\ufefftwo\0']);
  });

  it('reads UTF-16 by its byte order mark', async () => {
    expect(await linesOf(Buffer.from('\ufeffGrüße\r\nzwei', 'utf16le'))).toEqual(['Grüße', 'zwei']);
    expect(await linesOf(Buffer.from('\ufeffone\ntwo', 'utf16le').swap16())).toEqual(['one', 'two']);
  });
});

describe('bad bytes', () => {
  it('keeps the exact bytes of a line that is no UTF-8 and marks them in the text', async () => {
    const bad = Buffer.concat([Buffer.from('user '), Buffer.from([0xff, 0xc3, 0x28]), Buffer.from(' end')]);
    const [batch] = await batchesOf(file(Buffer.concat([Buffer.from('good é\n'), bad, Buffer.from('\nfine\n')])));
    expect(batch?.lines).toEqual(['good é', 'user \ufffd\ufffd( end', 'fine']);
    expect([...(batch?.rawBytes.keys() ?? [])]).toEqual([1]);
    expect(Buffer.from(batch?.rawBytes.get(1) ?? [])).toEqual(bad);
  });

  it('counts the index of raw bytes within the batch', async () => {
    const batches = await batchesOf(file(Buffer.from('a\nb\nc\n\xff\nd\n', 'latin1')), 2);
    expect(batches.map((batch) => batch.lines.length)).toEqual([2, 2, 1]);
    expect(batches.map((batch) => [...batch.rawBytes.keys()])).toEqual([[], [1], []]);
    expect(batches.map((batch) => batch.firstLineNumber)).toEqual([1, 3, 5]);
  });
});

describe('batches', () => {
  it('gives the first lines before the file is read', async () => {
    const path = file(`${'line of text\n'.repeat(400_000)}`);
    const reader = readLines(path, { signal });
    const first = (await reader.next()).value as LineBatch;
    expect(first.bytesRead).toBeLessThanOrEqual(64 << 10);
    expect(first.sizeBytes).toBe(13 * 400_000);
    expect(first.lines.length).toBeGreaterThan(4000);
    await reader.return(undefined);
  });

  it('reports the whole file as read in the end, packed size for packed files', async () => {
    const packed = gzipSync('some line\n'.repeat(100_000));
    const last = (await batchesOf(file(packed))).at(-1);
    expect(last?.bytesRead).toBe(packed.length);
    expect(last?.sizeBytes).toBe(packed.length);
  });

  it('stops with CANCELLED when the signal fires', async () => {
    const controller = new AbortController();
    const path = file('x\n'.repeat(2_000_000));
    const read = async (): Promise<void> => {
      for await (const batch of readLines(path, { signal: controller.signal })) {
        expect(batch.lines.length).toBeGreaterThan(0);
        controller.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('gzip', () => {
  it('is known by its content, not its name, and may have several members', async () => {
    expect(await linesOf(Buffer.concat([gzipSync('one\ntw'), gzipSync('o\nthree\n')]))).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  it('gives every line that a cut-off file still holds, then says that it is cut off', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${randomBytes(8).toString('hex')}`);
    const packed = gzipSync(lines.join('\n'));
    const result = await linesAndError(file(packed.subarray(0, packed.length / 2)));
    expect(result.error).toBeInstanceOf(AppError);
    expect(result.error).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('cut off') });
    expect(result.lines.length).toBeGreaterThan(8000);
    // All but the last, which may be half a line, are right.
    expect(result.lines.slice(0, -1)).toEqual(lines.slice(0, result.lines.length - 1));
  });

  it('gives the lines before a damaged place', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${randomBytes(8).toString('hex')}`);
    const packed = gzipSync(lines.join('\n'));
    const middle = Math.floor(packed.length / 2);
    packed.fill(0xff, middle, middle + 200);
    const result = await linesAndError(file(packed));
    expect(result.error).toMatchObject({ code: 'BAD_INPUT' });
    expect(result.lines.slice(0, 5000)).toEqual(lines.slice(0, 5000));
  });
});

describe('what is no log', () => {
  it('names the file and what to do', async () => {
    const missing = join(folder, 'missing.log');
    expect((await linesAndError(missing)).error).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(missing),
    });
    const directory = join(folder, 'directory');
    mkdirSync(directory);
    expect((await linesAndError(directory)).error).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('folder'),
    });
    expect((await linesAndError('/dev/zero')).error).toMatchObject({ code: 'BAD_INPUT' });
  });

  it('does not wait for ever on a named pipe', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect((await linesAndError(pipe)).error).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('pipe'),
    });
  });

  it('says that an unreadable file is that', async () => {
    const path = file('secret\n');
    chmodSync(path, 0);
    const result = await linesAndError(path);
    // The superuser may read anything.
    if (process.getuid?.() === 0) expect(result.lines).toEqual(['secret']);
    else expect(result.error).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('permissions') });
  });

  it('refuses binary files by what they are', async () => {
    const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), randomBytes(5000)]);
    expect((await linesAndError(file(png))).error).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('a PNG image, not a log'),
    });
    expect((await linesAndError(file(randomBytes(5000)))).error).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('not a log'),
    });
    expect((await linesAndError(file(gzipSync(randomBytes(5000))))).error).toMatchObject({ code: 'BAD_INPUT' });
  });

  it('does not take other encodings, colours or a crashed writer for binary', async () => {
    const latin = Buffer.from('Anmeldung für Müller fehlgeschlagen: ungültige Prüfsumme\n'.repeat(50), 'latin1');
    expect((await linesAndError(file(latin))).error).toBeNull();
    expect((await linesAndError(file('\x1b[31mred\x1b[0m\n'.repeat(50)))).error).toBeNull();
    const crashed = `${'a line before the crash\n'.repeat(40)}${'\0'.repeat(200)}\nafter\n`;
    expect((await linesAndError(file(crashed))).error).toBeNull();
  });
});

describe('hashFile', () => {
  it('is the SHA-256 of the bytes on disk, packed or not', async () => {
    const content = gzipSync(randomBytes(3_000_000));
    expect(await hashFile(file(content), signal)).toBe(createHash('sha256').update(content).digest('hex'));
  });

  it('fails as reading does', async () => {
    await expect(hashFile(join(folder, 'missing'), signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(hashFile(file('x'), AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
