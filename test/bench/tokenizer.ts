/** @file The text model's tokenizer: its training, and its encoder against the library in the same process. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { Encoded } from '../../src/shared/bpe/encoded.ts';
import { readTokenizerFolder } from '../../src/shared/bpe/folder.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { WordCounts } from '../../src/shared/bpe/wordCounts.ts';
import { detectFormat } from '../../src/main/ingest/detect.ts';
import { assumeTimes, createLineParser } from '../../src/main/ingest/parser.ts';
import { tokenize } from '../../src/main/text/mask.ts';
import { countWords, MaskedLineEncoder, type TextLine } from '../../src/main/text/maskedLine.ts';
import { structureNames, textTokenNames } from '../../src/main/text/textTokens.ts';
import { Tokens } from '../../src/main/text/tokens.ts';
import { trainTokenizer } from '../../trainer/tokenizer/train.ts';
import { benchLogs } from './logs.ts';
import type { Figures } from './main.ts';

const lineCount = 100_000;
/** The library takes a fraction of the lines: enough for its rate. */
const libraryLineCount = 5000;
const million = 1_000_000;

type Line = { raw: string; line: TextLine };

export async function benchTokenizer(dataDirectory: string | undefined): Promise<Figures> {
  const work = await mkdtemp(join(tmpdir(), 'surprisal-bench-'));
  try {
    const lines = parseLogs(benchLogs(dataDirectory, lineCount));
    const { words, countSeconds } = count(lines);
    const large = await train(work, words, 8192);
    const small = await train(work, words, 4096);
    const synthetic = await train(work, manyWords(), 8192);
    await train(work, words, 4096);
    return {
      lines: lines.length,
      distinct_words: words.size,
      count_words_lines_per_s: lines.length / countSeconds,
      train_4k_s: small.seconds,
      train_4k_tokens: small.tokens,
      train_8k_s: large.seconds,
      train_8k_tokens: large.tokens,
      train_8k_of_300k_words_s: synthetic.seconds,
      ...(await maskedSpeed(work, lines)),
      ...(await rawSpeed(work, lines)),
    };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Parsed and masked lines to ids, by a tokenizer trained on them. */
export async function tokeniseSpeed(work: string, logs: readonly string[][]): Promise<Figures> {
  const lines = parseLogs(logs);
  await train(work, count(lines).words, 4096);
  return maskedSpeed(work, lines);
}

function seconds(run: () => void): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

/** As many lines of each log. */
function parseLogs(logs: readonly string[][]): Line[] {
  return logs.flatMap((log) => parse(log.slice(0, Math.ceil(lineCount / logs.length))));
}

function count(lines: readonly Line[]): { words: WordCounts; countSeconds: number } {
  const words = new WordCounts();
  const tokens = new Tokens();
  const countSeconds = seconds(() => {
    for (const { raw, line } of lines) countWords(raw, line, tokenize(raw, line.message, tokens), words);
  });
  return { words, countSeconds };
}

function parse(raws: readonly string[]): Line[] {
  const sample = raws.slice(0, 500);
  const { format } = detectFormat(sample);
  const read = createLineParser(format, assumeTimes(format, sample, Date.UTC(2026, 0, 1), 'UTC'));
  return raws.map((raw) => ({ raw, line: read(raw) }));
}

/** As many distinct words as a large network's logs have, of syllables: what the time of training grows with. */
function manyWords(): WordCounts {
  const counts = new WordCounts();
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  while (counts.size < 300_000) {
    let word = ' ';
    for (let part = 2 + next(4); part > 0; part--) word += syllables[next(syllables.length)] ?? '';
    counts.add(word, 0, word.length, 1 + next(50));
  }
  return counts;
}

const syllables = Array.from('bcdfghklmnprstvw').flatMap((consonant) => {
  const endings = ['', 'n', 'r', 's'];
  return Array.from('aeiou').flatMap((vowel) => endings.map((ending) => consonant + vowel + ending));
});

async function train(
  directory: string,
  words: WordCounts,
  vocabularySize: number,
): Promise<{ seconds: number; tokens: number }> {
  const { begin, end, padding, separator } = structureNames;
  const output = await trainTokenizer(
    {
      directory,
      words: words.pack(),
      namedTokens: textTokenNames,
      roles: { begin, end, padding, separator },
      vocabularySize,
      minimumCount: 2,
    },
    { signal: new AbortController().signal, progress: () => undefined },
  );
  return { seconds: output.elapsedMs / 1000, tokens: output.vocabularySize };
}

async function maskedSpeed(directory: string, lines: readonly Line[]): Promise<Figures> {
  const encoder = new MaskedLineEncoder(new BpeTokenizer(await readTokenizerFolder(directory)));
  const into = new Encoded();
  const tokens = new Tokens();
  let tokenCount = 0;
  const maskedSeconds = seconds(() => {
    for (const { raw, line } of lines) {
      encoder.encode(raw, line, tokenize(raw, line.message, tokens), into.clear());
      tokenCount += into.length;
    }
  });
  const maskSeconds = seconds(() => {
    for (const { raw, line } of lines) tokenize(raw, line.message, tokens);
  });
  return {
    tokens_per_masked_line: tokenCount / lines.length,
    mask_and_tokenise_lines_per_s: lines.length / maskedSeconds,
    tokenise_lines_per_s: lines.length / Math.max(1e-6, maskedSeconds - maskSeconds),
  };
}

/** Whole raw lines, which the library takes too: the two in the same call. */
async function rawSpeed(directory: string, lines: readonly Line[]): Promise<Figures> {
  const tokenizer = new BpeTokenizer(await readTokenizerFolder(directory));
  const library = new Tokenizer(JSON.parse(await readFile(join(directory, 'tokenizer.json'), 'utf8')) as object, {
    clean_up_tokenization_spaces: false,
  });
  const into = new Encoded();
  const rawSeconds = seconds(() => {
    for (const { raw } of lines) tokenizer.encode(raw, into.clear());
  });
  const step = Math.max(1, Math.floor(lines.length / libraryLineCount));
  const some = lines.filter((_, index) => index % step === 0);
  const librarySeconds = seconds(() => {
    for (const { raw } of some) library.encode(raw, { add_special_tokens: false });
  });
  const letters = Array.from({ length: million }, (_, i) => 97 + ((Math.imul(i, 0x9e3779b1) >>> 24) % 26));
  const longWords = {
    letters: 'a'.repeat(million),
    blanks: ' '.repeat(million),
    mixed: Buffer.from(letters).toString('latin1'),
  };
  const longSeconds = Object.entries(longWords).map(([name, word]) => [
    `word_of_1m_${name}_s`,
    seconds(() => tokenizer.encode(word, into.clear())),
  ]);
  const rawPerSecond = lines.length / rawSeconds;
  const libraryPerSecond = some.length / librarySeconds;
  return {
    raw_lines_per_s: rawPerSecond,
    library_raw_lines_per_s: libraryPerSecond,
    ratio_to_library: rawPerSecond / libraryPerSecond,
    ...(Object.fromEntries(longSeconds) as Figures),
  };
}
