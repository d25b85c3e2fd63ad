/**
 * @file `train_tokenizer`: counted words to a byte-level BPE tokenizer's files. Ids: named tokens, the bytes in GPT-2's order, merges in
 * the order learned. Where words are cut is not decided here but in `src/shared/bpe/words.ts`, which is what the files' pre-tokenizer names.
 */
import { performance } from 'node:perf_hooks';
import { AppError } from '../../src/shared/errors.ts';
import { alphabetBytes, byteCharacters } from '../../src/shared/bpe/alphabet.ts';
import type { BpeDefinition } from '../../src/shared/bpe/definition.ts';
import type {
  TrainTokenizerInput,
  TrainTokenizerOutput,
  TrainTokenizerProgress,
} from '../../src/shared/bpe/training.ts';
import { formatTokenizerConfig, formatTokenizerJson } from '../../src/shared/bpe/writeFiles.ts';
import { syncDirectory, writeFileAtomic } from '../files/atomic.ts';
import { learnMerges, type LearnedMerge } from './merges.ts';
import { mostTokenIds } from './pairs.ts';
import { wordRows } from './words.ts';

const progressIntervalMs = 200;

type Context = { signal: AbortSignal; progress: (value: TrainTokenizerProgress) => void };

/** Writes `tokenizer.json` and `tokenizer_config.json`. Throws BAD_REQUEST for an input that cannot be met, CANCELLED when the signal fires. */
export async function trainTokenizer(
  input: TrainTokenizerInput,
  { signal, progress }: Context,
): Promise<TrainTokenizerOutput> {
  checkInput(input);
  const { directory, namedTokens, roles, vocabularySize, minimumCount } = input;
  const startMs = performance.now();
  const firstByteId = namedTokens.length;
  const { rows, leftOut } = wordRows(input.words, firstByteId);
  let lastProgressMs = -Infinity;
  const merges = await learnMerges(
    rows,
    { firstByteId, mostMerges: vocabularySize - firstByteId - 256, minimumCount },
    {
      signal,
      progress: (count) => {
        const elapsedMs = performance.now() - startMs;
        if (elapsedMs - lastProgressMs < progressIntervalMs) return;
        lastProgressMs = elapsedMs;
        progress({ tokens: firstByteId + 256 + count, vocabularySize, elapsedMs });
      },
    },
  );
  const definition = definitionOf(namedTokens, merges);
  const config = formatTokenizerConfig(definition, {
    bos_token: roles.begin,
    eos_token: roles.end,
    pad_token: roles.padding,
    sep_token: roles.separator,
  });
  const text = new TextEncoder();
  const files = [
    await writeFileAtomic(directory, 'tokenizer_config.json', text.encode(config)),
    await writeFileAtomic(directory, 'tokenizer.json', text.encode(formatTokenizerJson(definition))),
  ];
  await syncDirectory(directory);
  return {
    vocabularySize: definition.vocabulary.size,
    words: rows.starts.length,
    wordsLeftOut: leftOut,
    elapsedMs: performance.now() - startMs,
    files,
  };
}

/** Byte b had id `named.length + b` while merging; in the files bytes are numbered as GPT-2 does. */
function definitionOf(named: readonly string[], learned: readonly LearnedMerge[]): BpeDefinition {
  const firstByteId = named.length;
  const vocabulary = new Map(named.map((name, id) => [name, id]));
  for (const byte of alphabetBytes) vocabulary.set(byteCharacters[byte] ?? '', vocabulary.size);
  const tokens: string[] = [...named, ...byteCharacters];
  const merges = learned.map(({ left, right }) => {
    const merge = [tokens[left] ?? '', tokens[right] ?? ''] as const;
    tokens.push(merge[0] + merge[1]);
    return merge;
  });
  for (const token of tokens.slice(firstByteId + 256)) vocabulary.set(token, vocabulary.size);
  return { vocabulary, merges, named: named.map((name, id) => ({ name, id })), addPrefixSpace: false };
}

function checkInput({ namedTokens, roles, vocabularySize, minimumCount }: TrainTokenizerInput): void {
  const names = new Set(namedTokens);
  const least = namedTokens.length + 256;
  need(names.size === namedTokens.length, 'a named token is given twice');
  for (const name of names) {
    need(
      /^<[^<>\s]*[a-zA-Z][^<>\s]*>$/.test(name),
      `"${name}" is not written <name>, so text could spell a token like it`,
    );
  }
  for (const name of Object.values(roles)) need(names.has(name), `"${name}" has a role but is not a named token`);
  need(
    Number.isInteger(vocabularySize) && vocabularySize >= least && vocabularySize <= mostTokenIds,
    `vocabularySize is ${vocabularySize}; it must be a whole number from ${least} to ${mostTokenIds}`,
  );
  need(
    Number.isInteger(minimumCount) && minimumCount >= 1,
    `minimumCount is ${minimumCount}; it must be a whole number from 1`,
  );
}

function need(holds: boolean, what: string): void {
  if (!holds) throw new AppError('BAD_REQUEST', `Tokenizer options: ${what}.`);
}
