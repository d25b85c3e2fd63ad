/** @file The encoder against the library that defines it, its spans, and the way back. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateOffice } from '../../../src/main/lab/office.ts';
import { Encoded } from '../../../src/shared/bpe/encoded.ts';
import { readTokenizerFolder } from '../../../src/shared/bpe/folder.ts';
import { BpeTokenizer } from '../../../src/shared/bpe/tokenizer.ts';
import { endOfWord } from '../../../src/shared/bpe/words.ts';
import { fileFolder } from '../../helpers/folders.ts';
import { hardTexts, sampleLines } from '../../helpers/sampleLines.ts';
import { libraryTokenizer, readJson, trainOn } from '../../helpers/tokenizer.ts';

const office = Array.from(
  generateOffice({ lines: 1500, seed: 5, anomalyRate: 0.05, startAt: Date.UTC(2026, 8, 7) }),
  ({ text }) => text,
);
const directory = fileFolder();
let tokenizer: BpeTokenizer;
let library: (text: string) => number[];

const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const fragment = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...hardTexts, ...sampleLines.join(' ').split(/\b/)) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 2, arbitrary: fc.stringMatching(/^[\s\da-z']{0,12}$/u) },
  unit,
);
const anyText = fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join(''));

beforeAll(async () => {
  await trainOn(directory, [...sampleLines, ...office]);
  tokenizer = new BpeTokenizer(await readTokenizerFolder(directory));
  library = libraryTokenizer(directory);
});

function idsOf(text: string): number[] {
  const encoded = tokenizer.encode(text);
  return [...encoded.ids.subarray(0, encoded.length)];
}

function expectSpansToCover(text: string, encoded: Encoded, start: number, end: number): void {
  let position = start;
  for (let token = 0; token < encoded.length; token++) {
    expect(encoded.starts[token]).toBe(position);
    position = encoded.ends[token] ?? -1;
    expect(position).toBeGreaterThanOrEqual(encoded.starts[token] ?? 0);
  }
  expect(position).toBe(text.length === 0 ? start : end);
}

describe('the encoder gives the ids of the library', () => {
  it('over sample lines, the office’s log and hard texts', () => {
    for (const text of [...sampleLines, ...office, ...hardTexts]) expect(idsOf(text), text).toEqual(library(text));
  });

  it('over any string (blanks, contractions, digits, controls, letters of all planes, halves of pairs)', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(idsOf(text)).toEqual(library(text));
      }),
      { numRuns: 400 },
    );
  });

  it('where a prefix space is added', async () => {
    const preTokenizer = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
    const definition = { ...(await readTokenizerFolder(directory)), addPrefixSpace: true };
    const prefixed = new BpeTokenizer(definition);
    const prefixedLibrary = libraryTokenizer(directory, { pre_tokenizer: preTokenizer });
    for (const text of [...sampleLines, ...hardTexts]) {
      const encoded = prefixed.encode(text);
      expect([...encoded.ids.subarray(0, encoded.length)], text).toEqual(text === '' ? [] : prefixedLibrary(text));
      expectSpansToCover(text, encoded, 0, text.length);
    }
  });

  it('from a cold cache and from a warm one, and after words that fill it (a place read as another word’s)', () => {
    const many = Array.from({ length: 40_000 }, (_, index) => ` w${(index * 7919).toString(36)}`);
    for (const text of many) tokenizer.encode(text);
    for (const text of many.slice(0, 300)) expect(idsOf(text)).toEqual(library(text));
    for (const text of many.slice(0, 300)) expect(idsOf(text)).toEqual(library(text));
  });

  it('for words that were written to collide in its cache', () => {
    const words = new Map<number, string>();
    let pairs = 0;
    for (let index = 1; index < 300_000; index++) {
      const word = ((index * 2_654_435_761) % 2 ** 32).toString(26).replaceAll(/\d/g, 'z').padStart(8, 'q');
      const other = words.get(cacheHash(word));
      words.set(cacheHash(word), word);
      if (other === undefined || other === word) continue;
      pairs++;
      for (const text of [other, word, other]) expect(idsOf(text)).toEqual(library(text));
    }
    expect(pairs).toBeGreaterThan(3);
  });

  it('for a word of 30,000 characters', () => {
    for (const text of ['a'.repeat(30_000), 'ab'.repeat(15_000), ' '.repeat(30_000)])
      expect(idsOf(text)).toEqual(library(text));
  });
});

/** As in `wordCache.ts`. */
function cacheHash(word: string): number {
  let hash = word.length;
  for (let position = 0; position < word.length; position++) {
    hash = Math.imul(hash ^ word.charCodeAt(position), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

describe('words', () => {
  const pattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

  it('are cut where GPT-2’s pattern cuts', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const cuts: string[] = [];
        for (let position = 0; position < text.length;) {
          const end = endOfWord(text, position, text.length);
          cuts.push(text.slice(position, end));
          position = end;
        }
        expect(cuts).toEqual(text.match(pattern) ?? []);
      }),
      { numRuns: 400 },
    );
  });
});

describe('spans', () => {
  it('cover any text without gap or overlap, and a part of a line reads as that part alone', () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), fc.nat(40), (text, first, second) => {
        const start = Math.min(first, second, text.length);
        const end = Math.min(Math.max(first, second), text.length);
        const encoded = tokenizer.encode(text, new Encoded(), start, end);
        if (start < end) expectSpansToCover(text, encoded, start, end);
        expect([...encoded.ids.subarray(0, encoded.length)]).toEqual(idsOf(text.slice(start, end)));
      }),
    );
  });

  it('hold the characters of their token; one that has the rest of a character is empty', () => {
    const text = 'xé😀';
    const encoded = tokenizer.encode(text);
    const spans = Array.from({ length: encoded.length }, (_, i) => text.slice(encoded.starts[i], encoded.ends[i]));
    expect(spans).toEqual(['x', 'é', '', '😀', '', '', '']);
  });
});

describe('the way back', () => {
  it('gives well-formed text again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.decode(idsOf(text))).toBe(text.toWellFormed());
      }),
      { numRuns: 400 },
    );
    expect(tokenizer.decode(idsOf('\ufeffbom'))).toBe('\ufeffbom');
  });

  it('writes named tokens by their names, and refuses an id that there is not', () => {
    expect(tokenizer.decode([tokenizer.namedId('<IP>') ?? -1, ...idsOf(' x')])).toBe('<IP> x');
    expect(() => tokenizer.decode([tokenizer.vocabularySize])).toThrow('has no token');
  });
});

it('no text becomes a named token, where the library alone would make it one', async () => {
  const named = Object.values(readJson(directory, 'tokenizer.json')['added_tokens'] as { id: number }[]).map(
    ({ id }) => id,
  );
  expect(
    libraryTokenizer(directory, { added_tokens: readJson(directory, 'tokenizer.json')['added_tokens'] })('<IP>'),
  ).toEqual([tokenizer.namedId('<IP>')]);
  for (const text of ['<IP>', 'a<pad>b', '<begin><end>', ' <separator>'])
    expect(idsOf(text).filter((id) => named.includes(id))).toEqual([]);
});
