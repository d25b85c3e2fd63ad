/** @file Counted words as rows of byte ids in one array, which merging shortens in place. */
import { AppError } from '../../src/shared/errors.ts';
import type { CountedWords } from '../../src/shared/bpe/training.ts';

/** Bytes of all words together: with what is noted per pair of neighbours, about a gigabyte. */
const mostBytes = 16 * 2 ** 20;

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
  const encoder = new TextEncoder();
  const kept: Uint8Array[] = [];
  let length = 0;
  for (const word of order) {
    const units = characters.subarray(offsets[word], offsets[word + 1]);
    const bytes = encoder.encode(String.fromCharCode(...units));
    if (length + bytes.length > mostBytes) break;
    length += bytes.length;
    kept.push(bytes);
  }
  const rows: WordRows = {
    symbols: new Int32Array(length),
    starts: new Int32Array(kept.length),
    lengths: new Int32Array(kept.length),
    counts: new Float64Array(kept.length),
  };
  let start = 0;
  kept.forEach((bytes, row) => {
    bytes.forEach((byte, index) => (rows.symbols[start + index] = firstByteId + byte));
    rows.starts[row] = start;
    rows.lengths[row] = bytes.length;
    rows.counts[row] = counts[order[row] ?? 0] ?? 0;
    start += bytes.length;
  });
  return { rows, leftOut: order.length - kept.length };
}

/** No word is longer than this many units: they are counted elsewhere, but arrays that lie would end in an overflow here. */
const longestWord = 1024;

function checkWords({ characters, offsets, counts }: CountedWords): void {
  let fits = offsets.length === counts.length + 1 && offsets[0] === 0 && offsets.at(-1) === characters.length;
  for (let word = 0; fits && word < counts.length; word++) {
    const length = (offsets[word + 1] ?? 0) - (offsets[word] ?? 0);
    fits = length > 0 && length <= longestWord && Number.isInteger(counts[word]) && (counts[word] ?? 0) > 0;
  }
  if (!fits) throw new AppError('BAD_REQUEST', 'The counted words do not fit each other: count them again.');
}
