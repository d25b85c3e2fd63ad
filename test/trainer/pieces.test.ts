/** @file Cutting sequences and planning batches: what is trained on, and how much each part of it weighs. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { packSequences } from '../../src/shared/sequences.ts';
import { cutBatches, epochSteps, fillBatch, planBatches, predictionsOf } from '../../trainer/train/batches.ts';
import { cutPieces, type PieceSet } from '../../trainer/train/pieces.ts';
import { createRandom } from '../../trainer/train/random.ts';

const V = 10;
const sequences = fc.array(fc.array(fc.integer({ min: 0, max: V - 1 }), { maxLength: 20 }), { maxLength: 20 });

function piecesOf(set: PieceSet): number[][] {
  return Array.from(set.counts, (_, i) => [...set.ids.subarray(set.offsets[i], set.offsets[i + 1])]);
}

test('a long sequence is cut evenly, and each piece begins with the last token of the one before (a token lost, or predicted twice)', () => {
  const pieces = cutPieces(packSequences([[1, 4, 5, 6, 7, 8, 9, 2]]), 4, V);
  expect(piecesOf(pieces)).toEqual([
    [1, 4, 5, 6, 7],
    [7, 8, 9, 2],
  ]);
});

test('every token but the first is predicted exactly once, whatever the lengths', () => {
  fc.assert(
    fc.property(sequences, fc.integer({ min: 1, max: 6 }), (lists, contextLength) => {
      const pieces = cutPieces(packSequences(lists), contextLength, V);
      const expected = lists.reduce((total, list) => total + Math.max(0, list.length - 1), 0);
      expect(pieces.predictions).toBe(expected);
      const targets = Array<number>(V).fill(0);
      piecesOf(pieces).forEach((piece, i) => {
        expect(piece.length - 1).toBeLessThanOrEqual(contextLength);
        for (const id of piece.slice(1)) targets[id] = (targets[id] ?? 0) + (pieces.counts[i] ?? 0);
      });
      const wanted = Array<number>(V).fill(0);
      for (const list of lists) for (const id of list.slice(1)) wanted[id] = (wanted[id] ?? 0) + 1;
      expect(targets).toEqual(wanted);
    }),
  );
});

test('equal sessions are held once with their count (every copy trained on its own)', () => {
  const pieces = cutPieces(packSequences([[1, 4, 2], [1, 5, 2], [1, 4, 2], [1]]), 8, V);
  expect(piecesOf(pieces)).toEqual([
    [1, 4, 2],
    [1, 5, 2],
  ]);
  expect([...pieces.counts]).toEqual([2, 1]);
});

test('an id outside the vocabulary and offsets that do not fit are refused (ONNX Runtime would stop the run in the middle)', () => {
  const bad = [
    packSequences([[1, V]]),
    packSequences([[1, -1]]),
    { ids: Int32Array.of(1, 2), offsets: Int32Array.of(0, 3) },
    { ids: Int32Array.of(1, 2), offsets: Int32Array.of(0, 2, 1, 2) },
    { ids: Int32Array.of(), offsets: Int32Array.of() },
  ];
  for (const set of bad) expect(() => cutPieces(set, 8, V)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});

test('an epoch trains on every piece in proportion to its count (heavy pieces lost when a batch is full, or counted per entry)', () => {
  fc.assert(
    fc.property(
      sequences,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      (lists, batchTokens, countPerEntry, accumulation) => {
        const pieces = cutPieces(packSequences(lists.concat(lists.slice(0, 3), lists.slice(0, 3))), 6, V);
        if (pieces.predictions === 0) return;
        const plan = planBatches(pieces, { batchTokens, countPerEntry, accumulation });
        const steps = epochSteps(plan, pieces, createRandom(1), 3);
        expect(steps.length).toBe(plan.stepsPerEpoch);
        expect(steps.slice(0, -1).every(({ length }) => length === accumulation)).toBe(true);
        const batches = steps.flat();
        const weights = new Float64Array(pieces.counts.length);
        for (const { B, T, entries } of batches) {
          expect(B === 1 || B * T <= batchTokens).toBe(true);
          for (const piece of entries) weights[piece] = (weights[piece] ?? 0) + (plan.pieceWeights[piece] ?? 0);
        }
        const scale = (weights[0] ?? NaN) / (pieces.counts[0] ?? NaN);
        weights.forEach((weight, i) => expect(weight / (pieces.counts[i] ?? NaN)).toBeCloseTo(scale, 9));
      },
    ),
  );
});

test('padding has no weight and predictions have theirs (padding learnt as an event)', () => {
  const pieces = cutPieces(
    packSequences([
      [1, 4, 2],
      [1, 4, 5, 6, 2],
    ]),
    8,
    V,
  );
  const [batch] = cutBatches(Int32Array.of(0, 1), pieces, 100);
  if (!batch) throw new Error('one batch was expected');
  const { ids, targets, weights } = fillBatch(pieces, batch, Float64Array.of(0.5, 0.25));
  expect([batch.B, batch.T]).toEqual([2, 4]);
  expect([...ids].map(Number)).toEqual([1, 4, 0, 0, 1, 4, 5, 6]);
  expect([...targets].map(Number)).toEqual([4, 2, 0, 0, 4, 5, 6, 2]);
  expect([...weights]).toEqual([0.5, 0.5, 0, 0, 0.25, 0.25, 0.25, 0.25]);
});

test('the order differs between epochs and not between runs (an order that depends on earlier draws)', () => {
  const pieces = cutPieces(packSequences(Array.from({ length: 40 }, (_, i) => [1, i % 10, (i * 7) % 10, 2])), 8, V);
  const plan = planBatches(pieces, { batchTokens: 12, countPerEntry: 1, accumulation: 1 });
  const order = (epoch: number): number[] =>
    epochSteps(plan, pieces, createRandom(5), epoch)
      .flat()
      .flatMap(({ entries }) => [...entries]);
  expect(order(1)).toEqual(order(1));
  expect(order(1)).not.toEqual(order(2));
  expect(predictionsOf(pieces, 0)).toBe(3);
});

test('a token counts as a target as much as it is told to, and equal pieces that count differently stay apart', () => {
  const set = packSequences([
    [1, 4, 2],
    [1, 4, 2],
    [1, 4, 2],
  ]);
  const pieces = cutPieces(set, 8, V, Float32Array.of(9, 1, 0, 9, 1, 0, 9, 1, 0.5));
  expect([...pieces.counts]).toEqual([2, 1]);
  const { weights } = fillBatch(pieces, { B: 2, T: 2, entries: Int32Array.of(0, 1) }, Float64Array.of(2, 1));
  expect([...weights]).toEqual([2, 0, 1, 0.5]);
  expect(() => cutPieces(set, 8, V, new Float32Array(3))).toThrow('target weights');
});
