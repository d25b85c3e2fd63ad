/** @file The text model's dataset: distinct lines, parts by time, weights by how often. */
import { describe, expect, it } from 'vitest';
import { partOf, TextDataset } from '../../src/main/learn/textDataset.ts';
import type { SequenceSet } from '../../src/shared/sequences.ts';

const line = (...ids: number[]): { ids: Int32Array; length: number } => ({
  ids: Int32Array.from(ids),
  length: ids.length,
});

function linesOf({ ids, offsets }: SequenceSet): number[][] {
  return Array.from({ length: offsets.length - 1 }, (_, i) => [...ids.subarray(offsets[i], offsets[i + 1])]);
}

function datasetOf(lines: readonly number[][], mostLines?: number): TextDataset {
  const cuts = { trainingEnd: Math.floor(lines.length * 0.6), validationEnd: Math.floor(lines.length * 0.8) };
  const dataset = new TextDataset(mostLines);
  lines.forEach((ids, row) => dataset.add(line(...ids), partOf(row, cuts)));
  return dataset;
}

describe('the text dataset', () => {
  const [a, b, c, d] = [
    [1, 10, 2],
    [1, 11, 12, 2],
    [1, 65_535, 2],
    [1, 55_357, 55_358, 2],
  ] as const;
  const lines = [a, a, b, a, a, c, b, d, c, d].map((ids) => [...ids]);

  it('trains on what came first only (the future in the training set)', () => {
    const { sequences } = datasetOf(lines).training();
    expect(linesOf(sequences)).toEqual([a, b, c]);
  });

  it('weighs each token of a line by the logarithm of how often it came', () => {
    const { weights, sequences } = datasetOf(lines).training();
    expect(weights.length).toBe(sequences.ids.length);
    expect([...weights]).toEqual([3, 3, 3, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('validates on the lines behind, known or not, and calibrates on the last (ids that are halves of a surrogate pair kept)', () => {
    const dataset = datasetOf(lines);
    expect(linesOf(dataset.validation())).toEqual([b, d]);
    const { sequences, counts } = dataset.calibration();
    expect(linesOf(sequences)).toEqual([c, d]);
    expect([...counts]).toEqual([1, 1]);
  });

  it('enters a line in validation as often as it weighs', () => {
    const often = Array.from({ length: 10 }, (_, index) => (index < 6 ? [1, 5, 2] : [1, 6, 2]));
    expect(linesOf(datasetOf(often).validation())).toEqual([
      [1, 6, 2],
      [1, 6, 2],
    ]);
  });

  it('takes the filled part of a buffer only, and a line of any length', () => {
    const dataset = new TextDataset();
    dataset.add({ ids: Int32Array.of(1, 7, 2, 99, 99), length: 3 }, 0);
    dataset.add({ ids: new Int32Array(300_000).fill(9), length: 300_000 }, 0);
    const [first, second] = linesOf(dataset.training().sequences);
    expect(first).toEqual([1, 7, 2]);
    expect(second?.length).toBe(300_000);
  });

  it('stops taking new lines at its bound, says how many, and still counts those it has', () => {
    const dataset = datasetOf([[1], [1], [2], [3], [1], [4], [5], [6], [7], [8]], 2);
    expect(dataset.leftOut).toBe(6);
    expect([...dataset.training().weights]).toEqual([1 + Math.log2(3), 1].map(Math.fround));
  });
});
