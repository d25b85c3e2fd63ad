/** @file The encoder against ids made by Hugging Face's Python library (fixtures/README.md), and, where a folder is given, over real logs. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readTokenizerFolder } from '../../../src/shared/bpe/folder.ts';
import { BpeTokenizer } from '../../../src/shared/bpe/tokenizer.ts';
import { libraryTokenizer } from '../../helpers/tokenizer.ts';

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));

it('gives the ids of the Python library', async () => {
  const tokenizer = new BpeTokenizer(await readTokenizerFolder(fixtures));
  const golden = JSON.parse(readFileSync(join(fixtures, 'golden.json'), 'utf8')) as { text: string; ids: number[] }[];
  expect(golden.length).toBeGreaterThan(30);
  for (const { text, ids } of golden) {
    const encoded = tokenizer.encode(text);
    expect([...encoded.ids.subarray(0, encoded.length)], text).toEqual(ids);
  }
});

const data = process.env['SURPRISAL_LOGS'];
if (!data)
  process.stderr.write('The tokenizer is not compared over real logs: SURPRISAL_LOGS names no folder of them.\n');

it.skipIf(!data)(
  'gives the ids of the JavaScript library over every line of a folder of logs',
  { timeout: 600_000 },
  async () => {
    const tokenizer = new BpeTokenizer(await readTokenizerFolder(fixtures));
    const library = libraryTokenizer(fixtures);
    const seen = new Set<string>();
    for (const name of readdirSync(data ?? '', { recursive: true, encoding: 'utf8' })) {
      const path = join(data ?? '', name);
      if (!statSync(path).isFile() || /\.(npz|zip|gz|md)$/.test(name)) continue;
      for (const line of readFileSync(path, 'utf8').split('\n')) {
        if (line.length > 20_000 || seen.has(line)) continue;
        seen.add(line);
        const encoded = tokenizer.encode(line);
        const expected = library(line);
        // Faster than a comparison by the test library, line for line.
        const isEqual = encoded.length === expected.length && expected.every((id, index) => encoded.ids[index] === id);
        if (!isEqual) expect([...encoded.ids.subarray(0, encoded.length)], `${name}: ${line}`).toEqual(expected);
      }
    }
    process.stderr.write(`Compared ${seen.size} distinct lines.\n`);
    expect(seen.size).toBeGreaterThan(0);
  },
);
