/** @file Tokenizers trained on the spot, and the library that defines what they give. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import type { TrainTokenizerInput } from '../../src/shared/bpe/training.ts';
import { WordCounts } from '../../src/shared/bpe/wordCounts.ts';
import { trainTokenizer } from '../../trainer/tokenizer/train.ts';

const named = ['<pad>', '<begin>', '<end>', '<new>', '<separator>', '<IP>', '<NUM>'];
const roles = { begin: '<begin>', end: '<end>', padding: '<pad>', separator: '<separator>' };

export function tokenizerInput(
  directory: string,
  lines: readonly string[],
  changes: Partial<TrainTokenizerInput> = {},
): TrainTokenizerInput {
  const words = new WordCounts();
  for (const line of lines) words.add(line, 0, line.length);
  return {
    directory,
    words: words.pack(),
    namedTokens: named,
    roles,
    vocabularySize: 800,
    minimumCount: 2,
    ...changes,
  };
}

/** Writes a tokenizer trained on `lines` into the folder. */
export async function trainOn(directory: string, lines: readonly string[], vocabularySize = 800): Promise<void> {
  const context = { signal: new AbortController().signal, progress: () => undefined };
  await trainTokenizer(tokenizerInput(directory, lines, { vocabularySize }), context);
}

type Json = Record<string, unknown>;

export function readJson(directory: string, name: string): Json {
  return JSON.parse(readFileSync(join(directory, name), 'utf8')) as Json;
}

/** The library's tokenizer without its named tokens, so that it reads text as text; and with `changes` of the file. */
export function libraryTokenizer(directory: string, changes: Json = {}): (text: string) => number[] {
  const json = { ...readJson(directory, 'tokenizer.json'), added_tokens: [], ...changes };
  const library = new Tokenizer(json, { clean_up_tokenization_spaces: false });
  return (text) => library.encode(text, { add_special_tokens: false }).ids;
}
