/** @file Where lines begin: as importing counts them, whatever ends them, in a packed file too. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { locateLines } from '../../src/main/ingest/lineOffsets.ts';
import { readLines } from '../../src/main/ingest/lines.ts';
import { fileFolder } from '../helpers/folders.ts';

const { signal } = new AbortController();
const content = 'first\r\nsecond\n\nfourth é\rfifth\r\n\r\nseventh';

async function linesOf(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of readLines(path, { signal })) lines.push(...batch.lines);
  return lines;
}

test.each([
  ['plain', Buffer.from(content)],
  ['packed', gzipSync(content)],
])('of a %s file each line begins where its text stands', async (name, bytes) => {
  const path = join(fileFolder(), name);
  writeFileSync(path, bytes);
  const lines = await linesOf(path);
  const { offsets } = await locateLines(path, [...lines.map((_line, index) => index + 1), 99], signal);
  const text = Buffer.from(content);
  expect(offsets.at(-1)).toBeNull();
  lines.forEach((line, index) => {
    const start = offsets[index] ?? -1;
    expect([line, text.subarray(start, start + Buffer.byteLength(line)).toString()]).toEqual([line, line]);
  });
  expect(offsets.slice(0, 3)).toEqual([0, 7, 14]);
});
