/** @file The memory of scored pieces. */
import { expect, test } from 'vitest';
import { PieceCache, pieceKey } from '../../src/main/engine/pieceCache.ts';

test('stays within its bounds and forgets what was not used longest (a day of logs that fills the memory)', () => {
  const cache = new PieceCache({ mostPieces: 3, mostTokens: 100 });
  for (const key of ['a', 'b', 'c']) cache.set(key, new Float32Array(10));
  cache.get('a');
  cache.set('d', new Float32Array(10));
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, true]);
  cache.set('long', new Float32Array(85));
  expect(['a', 'c', 'd', 'long'].map((key) => cache.get(key) !== undefined)).toEqual([false, false, true, true]);
  cache.set('long', new Float32Array(85)); // the same again takes no more room
  expect(cache.get('d')).toBeDefined();
});

test('different pieces have different keys, equal ones equal keys', () => {
  const keys = [[], [0], [0, 0], [1], [1, 0], [0, 1], [65_535], [55_296, 56_320]].map((ids) =>
    pieceKey(Int32Array.from(ids)),
  );
  expect(new Set(keys).size).toBe(keys.length);
  expect(pieceKey(Int32Array.of(4, 5))).toBe(pieceKey(Int32Array.of(4, 5)));
});
