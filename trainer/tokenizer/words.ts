/** @file Counted words as rows of byte ids in one array, which merging shortens in place. */
import { AppError } from '../../src/shared/errors.ts';
import type { CountedWords } from '../../src/shared/bpe/training.ts';

/** Bytes of all words together: a process that takes a gigabyte, measured on 729,250 words. */
const mostBytes = 8 * 2 ** 20;

/** No word has more units: they are counted elsewhere, but arrays that lie would end in an overflow here. */
const longestWord = 1024;

/** Word i is `symbols[starts[i] .. starts[i] + lengths[i])` and counts `counts[i]` times. */
export type WordRows = { symbols: Int32Array; starts: Int32Array; lengths: Int32Array; counts: Float64Array };

/**
 * The words' UTF-8 as byte values plus `firstByteId`. Where they are too many, the rarest are left out. Throws BAD_REQUEST for
 * arrays that do not fit each other.
 */
export function wordRows(words: CountedWords, firstByteId: number): { rows: WordRows; leftOut: number } {
  checkWords(words);
  const { characters, offsets, counts } = words;
  const order = Int32Array.from(counts, (_, word) => word).sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const symbols = new Int32Array(Math.min(mostBytes, characters.length * 3));
  const starts = new Int32Array(order.length);
  const lengths = new Int32Array(order.length);
  const encoder = new TextEncoder();
  const bytes = new Uint8Array(longestWord * 3);
  let [row, end] = [0, 0];
  for (; row < order.length; row++) {
    const word = order[row] ?? 0;
    const text = String.fromCharCode(...characters.subarray(offsets[word], offsets[word + 1]));
    const { written } = encoder.encodeInto(text, bytes);
    if (end + written > mostBytes) break;
    starts[row] = end;
    lengths[row] = written;
    for (let index = 0; index < written; index++) symbols[end++] = firstByteId + (bytes[index] ?? 0);
  }
  const rows: WordRows = {
    symbols: symbols.subarray(0, end),
    starts: starts.subarray(0, row),
    lengths: lengths.subarray(0, row),
    counts: Float64Array.from(order.subarray(0, row), (word) => counts[word] ?? 0),
  };
  return { rows, leftOut: order.length - row };
}

function checkWords({ characters, offsets, counts }: CountedWords): void {
  let fits = offsets.length === counts.length + 1 && offsets[0] === 0 && offsets.at(-1) === characters.length;
  for (let word = 0; fits && word < counts.length; word++) {
    const length = (offsets[word + 1] ?? 0) - (offsets[word] ?? 0);
    fits = length > 0 && length <= longestWord && Number.isInteger(counts[word]) && (counts[word] ?? 0) > 0;
  }
  if (!fits) throw new AppError('BAD_REQUEST', 'The counted words do not fit each other: count them again.');
}
