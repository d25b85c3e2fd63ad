/** @file Training a tokenizer: what it learns, that it is the same every time, and what it refuses. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alphabetBytes } from '../../src/shared/bpe/alphabet.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import type { TrainTokenizerInput, TrainTokenizerProgress } from '../../src/shared/bpe/training.ts';
import { WordCounts } from '../../src/shared/bpe/wordCounts.ts';
import { connectPort } from '../../src/shared/port.ts';
import type { TrainerMethods } from '../../src/shared/trainerProtocol.ts';
import { learnMerges } from '../../trainer/tokenizer/merges.ts';
import { trainTokenizer } from '../../trainer/tokenizer/train.ts';
import { wordRows } from '../../trainer/tokenizer/words.ts';
import { testFolder } from '../helpers/folders.ts';
import { hardTexts, sampleLines } from '../helpers/sampleLines.ts';
import { readJson, tokenizerInput } from '../helpers/tokenizer.ts';

const context = { signal: new AbortController().signal, progress: () => undefined };

function countsOf(texts: readonly string[]): WordCounts {
  const counts = new WordCounts();
  for (const text of texts) counts.add(text, 0, text.length);
  return counts;
}

async function learn(counts: WordCounts, mostMerges: number, minimumCount = 1): Promise<string[]> {
  const { rows } = wordRows(counts.pack(), 0);
  const merges = await learnMerges(rows, { firstByteId: 0, mostMerges, minimumCount }, context);
  const tokens = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  for (const { left, right } of merges) tokens.push((tokens[left] ?? '') + (tokens[right] ?? ''));
  return tokens.slice(256);
}

/** The definition, word for word: count every pair of every word anew, merge the most frequent, again. */
function learnSlowly(counts: WordCounts, mostMerges: number): string[] {
  const { characters, offsets, counts: times } = counts.pack();
  const words = Array.from(times, (count, word) => {
    const text = String.fromCharCode(...characters.subarray(offsets[word], offsets[word + 1]));
    return { count, symbols: Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)) };
  });
  const learned: string[] = [];
  const taken = new Set<string>();
  while (learned.length < mostMerges) {
    const pairs = new Map<string, { left: string; right: string; count: number }>();
    for (const { count, symbols } of words) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const [left, right] = [symbols[i] ?? '', symbols[i + 1] ?? ''];
        const key = `${left.length}:${left}${right}`;
        const pair = pairs.get(key) ?? { left, right, count: 0 };
        pair.count += count;
        pairs.set(key, pair);
      }
    }
    const [best] = [...pairs.values()]
      .filter(({ left, right }) => !taken.has(left + right) && (left + right).length <= 32)
      .sort((a, b) => b.count - a.count || compare(a.left, b.left) || compare(a.right, b.right));
    if (!best) break;
    taken.add(best.left + best.right);
    learned.push(best.left + best.right);
    for (const word of words) {
      for (let i = 0; i + 1 < word.symbols.length; i++)
        if (word.symbols[i] === best.left && word.symbols[i + 1] === best.right)
          word.symbols.splice(i, 2, best.left + best.right);
    }
  }
  return learned;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

describe('merges', () => {
  it('are those of the definition (counts kept up to date that drift from the words)', async () => {
    const counts = countsOf([...sampleLines, ...hardTexts]);
    expect(await learn(counts, 300)).toEqual(learnSlowly(counts, 300));
  });

  it('are those of the definition for words of few letters, where pairs overlap', async () => {
    const texts = fc.array(fc.stringMatching(/^[ab c]{0,14}$/), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(texts, async (lines) => {
        const counts = countsOf(lines);
        expect(await learn(counts, 12)).toEqual(learnSlowly(counts, 12));
      }),
    );
  });

  it('stop where pairs get rarer than asked, and no token is longer than 32 bytes', async () => {
    expect(await learn(countsOf(['abab', 'ab', 'xy']), 100, 3)).toEqual(['ab']);
    const longest = Math.max(...(await learn(countsOf(['='.repeat(60)]), 100)).map(({ length }) => length));
    expect(longest).toBe(32);
  });
});

describe('the files', () => {
  it('are the same bytes whatever order the words came in', async () => {
    const [first, second] = [testFolder(), testFolder()];
    await trainTokenizer(tokenizerInput(first, sampleLines), context);
    await trainTokenizer(tokenizerInput(second, sampleLines.toReversed()), context);
    for (const name of ['tokenizer.json', 'tokenizer_config.json'])
      expect(readFileSync(join(first, name), 'utf8')).toBe(readFileSync(join(second, name), 'utf8'));
  });

  it('number named tokens, then bytes as GPT-2 does, then merges', async () => {
    const directory = testFolder();
    const output = await trainTokenizer(tokenizerInput(directory, sampleLines, { vocabularySize: 300 }), context);
    const { vocab } = readJson(directory, 'tokenizer.json')['model'] as { vocab: Record<string, number> };
    expect(output.vocabularySize).toBe(300);
    expect(vocab).toMatchObject({ '<pad>': 0, '<NUM>': 6, '!': 7, Ġ: 7 + alphabetBytes.indexOf(32) });
    expect(new Set(Object.values(vocab)).size).toBe(300);
  });
});

it('a cancel ends it, and leaves no file behind (a loop that never lets messages in)', async () => {
  const counts = new WordCounts();
  for (let i = 1; i < 60_000; i++) {
    const text = ((i * 2_654_435_761) % 2 ** 40).toString(26) + (i * 7919).toString(26);
    counts.add(text, 0, text.length);
  }
  const directory = testFolder();
  const abort = new AbortController();
  const input = tokenizerInput(directory, [], { words: counts.pack(), vocabularySize: 60_000, minimumCount: 1 });
  const training = trainTokenizer(input, { signal: abort.signal, progress: () => abort.abort() });
  await expect(training).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(readdirSync(directory)).toEqual([]);
});

it('is a method of the trainer process, with progress (words that do not survive the way there)', async () => {
  const trainer = createNodeHost('test').startTrainer();
  try {
    const [there, here] = [testFolder(), testFolder()];
    const seen: TrainTokenizerProgress[] = [];
    const client = connectPort<TrainerMethods>(trainer.port, 'trainer');
    const lines = [...sampleLines, ...hardTexts];
    const output = await client.call('train_tokenizer', tokenizerInput(there, lines), {
      onProgress: (value) => seen.push(value),
    });
    await trainTokenizer(tokenizerInput(here, lines), context);
    expect(readFileSync(join(there, 'tokenizer.json'), 'utf8')).toBe(
      readFileSync(join(here, 'tokenizer.json'), 'utf8'),
    );
    expect(seen.at(-1)).toMatchObject({ vocabularySize: 800 });
    expect(output.files.map(({ name }) => name)).toEqual(['tokenizer_config.json', 'tokenizer.json']);
  } finally {
    await trainer.kill();
  }
});

describe('words', () => {
  it('beyond the bound make room from the rarest on, and what is left out is told', () => {
    const counts = new WordCounts(100);
    const letters = (value: number): string =>
      Array.from({ length: 4 }, (_, place) => String.fromCharCode(97 + (Math.floor(value / 26 ** place) % 26))).join(
        '',
      );
    for (let i = 0; i < 5000; i++) {
      const text = `${letters(i * 7919)}${i % 10 === 0 ? ' common' : ''}`;
      counts.add(text, 0, text.length);
    }
    expect(counts.size).toBeLessThanOrEqual(100);
    expect(counts.leftOut).toBeGreaterThan(0);
    const { characters, offsets, counts: times } = counts.pack();
    const found = Array.from(times, (_, i) => String.fromCharCode(...characters.subarray(offsets[i], offsets[i + 1])));
    expect(times[found.indexOf(' common')]).toBe(500);
  });

  it('of base64 and padding are too long to be any', () => {
    const counts = countsOf(['a'.repeat(65), 'b'.repeat(64)]);
    expect({ size: counts.size, leftOut: counts.leftOut }).toEqual({ size: 1, leftOut: 1 });
  });
});

describe('is refused', () => {
  const cases: [string, string, Partial<TrainTokenizerInput>][] = [
    ['a name that text could spell as a token', '<name>', { namedTokens: ['PAD'] }],
    ['a name twice', 'twice', { namedTokens: ['<a>', '<a>'] }],
    ['a role without its name', 'not a named token', { namedTokens: ['<a>'] }],
    ['a size below the bytes', 'vocabularySize', { vocabularySize: 100 }],
    ['a size beyond what a pair can hold', 'vocabularySize', { vocabularySize: 100_000 }],
    ['a minimum of nothing', 'minimumCount', { minimumCount: 0 }],
    [
      'words that do not fit their counts',
      'do not fit',
      { words: { characters: new Uint16Array(3), offsets: Int32Array.of(0, 5), counts: Float64Array.of(1) } },
    ],
  ];
  it.each(cases)('%s', async (_, words, changes) => {
    const input = tokenizerInput(testFolder(), sampleLines, changes);
    await expect(trainTokenizer(input, context)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining(words) as string,
    });
  });
});
