/**
 * @file Batches [B,T]: pieces of similar length together, padded on the right, and padding has weight zero. Gradients and validation
 * share them. One session takes every shape (measured: as fast as one session per shape, and nothing is padded to fit a bucket).
 */
import { keyTokens } from '../../src/shared/sequences.ts';
import type { TrainRecipe } from '../../src/shared/trainerProtocol.ts';
import type { PieceSet } from './pieces.ts';
import { shuffle, type Random } from './random.ts';

/** With fewer steps an epoch goes through the data several times: a handful of sessions should still make a model. */
const leastStepsPerEpoch = 10;

/** Row r holds piece `entries[r]`; a piece may be entered several times. */
export type Batch = { B: number; T: number; entries: Int32Array };
/** What a session is fed with, [B,T] each. The integers are int64, as ONNX wants them. */
export type BatchArrays = { ids: BigInt64Array; targets: BigInt64Array; weights: Float32Array };

export type BatchOptions = Pick<TrainRecipe, 'batchTokens' | 'accumulation' | 'countPerEntry'>;

/** What an epoch goes through `passes` times, shorter pieces first, and what one prediction of each piece weighs. */
export type BatchPlan = {
  entries: Int32Array;
  pieceWeights: Float64Array;
  passes: number;
  stepsPerEpoch: number;
  batchTokens: number;
  accumulation: number;
};

/** Predictions of piece `index`: its length less one. */
export function predictionsOf(pieces: PieceSet, index: number): number {
  return (pieces.offsets[index + 1] ?? 0) - (pieces.offsets[index] ?? 0) - 1;
}

/**
 * Weights are a piece's count, shared among its entries, divided by the mean number of predictions per step: a batch's loss is then
 * comparable with any other's, and its expectation is that of training on every occurrence. Counts are not damped (by a root, say):
 * damping would make rare sessions, attacks among them, look more normal than they are.
 */
export function planBatches(pieces: PieceSet, { batchTokens, countPerEntry, accumulation }: BatchOptions): BatchPlan {
  const entries: number[] = [];
  pieces.counts.forEach((count, piece) => {
    for (let i = Math.ceil(count / countPerEntry); i > 0; i--) entries.push(piece);
  });
  const sorted = sortByLength(Int32Array.from(entries), pieces);
  const batches = cutBatches(sorted, pieces, batchTokens).length;
  const steps = batches / accumulation; // of one pass; a small set has less than one
  const passes = Math.ceil(leastStepsPerEpoch / steps);
  const perStep = pieces.predictions / steps;
  const pieceWeights = Float64Array.from(pieces.counts, (count) => count / Math.ceil(count / countPerEntry) / perStep);
  const stepsPerEpoch = Math.ceil((batches * passes) / accumulation);
  return { entries: sorted, pieceWeights, passes, stepsPerEpoch, batchTokens, accumulation };
}

/**
 * The steps of one epoch, each a few micro-batches, in random order: in each pass pieces of equal length are shuffled among each other,
 * then the batches. The last step may have fewer of them than the others.
 */
export function epochSteps(plan: BatchPlan, pieces: PieceSet, random: Random, epoch: number): Batch[][] {
  const batches = Array.from({ length: plan.passes }, (_, pass) => {
    const entries = plan.entries.slice();
    const counter = 2 * (epoch * plan.passes + pass);
    shuffle(entries, random, counter);
    const batches = cutBatches(sortByLength(entries, pieces), pieces, plan.batchTokens);
    const order = Int32Array.from(batches.keys());
    shuffle(order, random, counter + 1);
    return Array.from(order, (index) => batches[index]).filter((batch) => batch !== undefined);
  }).flat();
  return Array.from({ length: plan.stepsPerEpoch }, (_, step) =>
    batches.slice(step * plan.accumulation, (step + 1) * plan.accumulation),
  );
}

/** Stable: entries of equal length keep their order. */
export function sortByLength(entries: Int32Array, pieces: PieceSet): Int32Array {
  return Int32Array.from(Array.from(entries).sort((a, b) => predictionsOf(pieces, a) - predictionsOf(pieces, b)));
}

/** Cuts `entries`, which ascend in length, into batches of at most `batchTokens` tokens. */
export function cutBatches(entries: Int32Array, pieces: PieceSet, batchTokens: number): Batch[] {
  const batches: Batch[] = [];
  for (let from = 0; from < entries.length;) {
    let B = 1;
    while (from + B < entries.length && (B + 1) * predictionsOf(pieces, entries[from + B] ?? 0) <= batchTokens) B++;
    batches.push({
      B,
      T: predictionsOf(pieces, entries[from + B - 1] ?? 0),
      entries: entries.subarray(from, from + B),
    });
    from += B;
  }
  return batches;
}

/** `replace(row, position, id)` may put another id in a token's place, as input and as target. */
export type Replace = (row: number, position: number, id: number) => number;

export function fillBatch(
  pieces: PieceSet,
  { B, T, entries }: Batch,
  pieceWeights: Float64Array,
  replace?: Replace,
): BatchArrays {
  const arrays = { ids: new BigInt64Array(B * T), targets: new BigInt64Array(B * T), weights: new Float32Array(B * T) };
  // The ids are small and not negative: writing the low words is much faster than making a BigInt of each (little-endian, as every
  // platform that ONNX Runtime runs on).
  const ids = new Int32Array(arrays.ids.buffer);
  const targets = new Int32Array(arrays.targets.buffer);
  entries.forEach((piece, row) => {
    const start = pieces.offsets[piece] ?? 0;
    const last = predictionsOf(pieces, piece);
    for (let position = 0; position <= last; position++) {
      const original = pieces.ids[start + position] ?? keyTokens.padding;
      const id = replace ? replace(row, position, original) : original;
      if (position < last) ids[2 * (row * T + position)] = id;
      if (position > 0) targets[2 * (row * T + position - 1)] = id;
    }
    const weight = pieceWeights[piece] ?? 0;
    arrays.weights.fill(weight, row * T, row * T + last);
    if (!pieces.targetWeights) return;
    for (let position = 0; position < last; position++) {
      arrays.weights[row * T + position] = weight * (pieces.targetWeights[start + position + 1] ?? 0);
    }
  });
  return arrays;
}
