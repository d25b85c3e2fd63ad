/**
 * @file Learns the merges of a byte-level BPE from counted words: the most frequent pair of neighbours becomes a token, again and again.
 * Counts are kept up to date by the words a merge changes, so a merge costs what it changes and not a pass over everything.
 */
import { setImmediate } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';
import { AppError } from '../../src/shared/errors.ts';
import { Pairs } from './pairs.ts';
import type { WordRows } from './words.ts';

/** Longer tokens would be rulers and padding. */
const longestTokenBytes = 32;
/** Other messages, a cancel among them, are let in this often. */
const sliceMs = 50;

export type MergeOptions = {
  /** Ids `firstByteId .. firstByteId + 255` are the bytes, merges follow. */
  firstByteId: number;
  mostMerges: number;
  minimumCount: number;
};

export type LearnedMerge = { left: number; right: number };

/** Merge i makes token `firstByteId + 256 + i`. Changes `rows`. Same rows in any order, same merges. Throws CANCELLED. */
export async function learnMerges(
  rows: WordRows,
  { firstByteId, mostMerges, minimumCount }: MergeOptions,
  context: { signal: AbortSignal; progress: (merges: number) => void },
): Promise<LearnedMerge[]> {
  const bytes: string[] = [];
  for (let byte = 0; byte < 256; byte++) bytes[firstByteId + byte] = String.fromCharCode(byte);
  const pairs = new Pairs(minimumCount, (token) => bytes[token] ?? '');
  const merges: LearnedMerge[] = [];
  const known = new Set<string>();
  let sliceEndMs = performance.now() + sliceMs;
  const breathe = async (): Promise<void> => {
    if (performance.now() < sliceEndMs) return;
    context.progress(merges.length);
    await setImmediate();
    if (context.signal.aborted) throw new AppError('CANCELLED', 'Making the tokenizer was cancelled.');
    sliceEndMs = performance.now() + sliceMs;
  };

  for (let word = 0; word < rows.starts.length; word++) {
    countWord(rows, word, pairs);
    if ((word & 4095) === 0) await breathe();
  }
  for (let pair = 0; pair < pairs.counts.length; pair++) pairs.queue(pair);

  while (merges.length < mostMerges) {
    await breathe();
    const pair = pairs.takeBest();
    if (pair === undefined) break;
    const left = pairs.lefts[pair] ?? 0;
    const right = pairs.rights[pair] ?? 0;
    const text = (bytes[left] ?? '') + (bytes[right] ?? '');
    // Bytes that are a token already, cut otherwise: a token has one way to be made.
    if (text.length > longestTokenBytes || known.has(text)) continue;
    const token = firstByteId + 256 + merges.length;
    bytes[token] = text;
    known.add(text);
    merges.push({ left, right });
    const words = pairs.words[pair] ?? [];
    pairs.words[pair] = [];
    const grown = new Set<number>();
    for (const word of words) mergeInWord(rows, word, { left, right, token }, pairs, grown);
    for (const changed of grown) pairs.queue(changed);
  }
  context.progress(merges.length);
  return merges;
}

function countWord({ symbols, starts, lengths, counts }: WordRows, word: number, pairs: Pairs): void {
  const start = starts[word] ?? 0;
  const end = start + (lengths[word] ?? 0);
  for (let index = start; index + 1 < end; index++)
    pairs.add(symbols[index] ?? 0, symbols[index + 1] ?? 0, counts[word] ?? 0, word);
}

/** Puts `token` in the place of each `left right` of a word, and counts its neighbours anew. `grown` gathers the pairs that it makes. */
function mergeInWord(
  { symbols, starts, lengths, counts }: WordRows,
  word: number,
  { left, right, token }: { left: number; right: number; token: number },
  pairs: Pairs,
  grown: Set<number>,
): void {
  const start = starts[word] ?? 0;
  const end = start + (lengths[word] ?? 0);
  const count = counts[word] ?? 0;
  let write = start;
  for (let read = start; read < end; write++) {
    const symbol = symbols[read] ?? 0;
    if (symbol !== left || read + 1 >= end || symbols[read + 1] !== right) {
      symbols[write] = symbol;
      read++;
      continue;
    }
    read += 2;
    if (write > start) {
      const before = symbols[write - 1] ?? 0;
      pairs.remove(before, left, count);
      grown.add(pairs.add(before, token, count, word));
    }
    if (read < end) {
      const after = symbols[read] ?? 0;
      pairs.remove(right, after, count);
      grown.add(pairs.add(token, after, count, word));
    }
    symbols[write] = token;
  }
  lengths[word] = write - start;
}
