/**
 * @file Batches of fixed shape: pieces of similar length share a bucket [B,T], are padded on the right and weighted, and padding has
 * weight zero. A handful of buckets, because each costs a graph and a session.
 */
import { keyTokens } from '../../src/shared/sequences.ts';
import type { PieceSet } from './pieces.ts';
import { shuffle, type Random } from './random.ts';

/** Pieces that are trained in batches of shape [B,T]; a piece may be entered several times. */
export type Bucket = { B: number; T: number; entries: Int32Array };
export type BatchPlan = {
  buckets: Bucket[];
  stepsPerEpoch: number;
  /** Weight of one prediction of each piece: its count, shared among its entries, over the mean number of predictions per step. */
  pieceWeights: Float64Array;
};
export type Batch = { bucket: Bucket; index: number; entries: Int32Array };
/** What a bucket's session is fed with. The integers are int64 for ONNX. */
export type BatchArrays = { ids: BigInt64Array; targets: BigInt64Array; weights: Float32Array };

export type BatchOptions = {
  /** Upper bound of B*T, padding included. */
  batchTokens: number;
  /** A piece that occurs more often is entered several times, so that no single batch is dominated by it. */
  countPerEntry: number;
};

const mostBuckets = 6;

export function planBatches(pieces: PieceSet, { batchTokens, countPerEntry }: BatchOptions): BatchPlan {
  const byLength = new Map<number, number[]>();
  pieces.counts.forEach((count, piece) => {
    const predictions = (pieces.offsets[piece + 1] ?? 0) - (pieces.offsets[piece] ?? 0) - 1;
    const entries = byLength.get(predictions) ?? [];
    for (let i = Math.ceil(count / countPerEntry); i > 0; i--) entries.push(piece);
    byLength.set(predictions, entries);
  });
  const lengths = [...byLength.keys()].sort((a, b) => a - b);
  const limits = bucketLimits(
    lengths,
    lengths.map((length) => byLength.get(length)?.length ?? 0),
    batchTokens,
  );
  const buckets = limits.map((T, index): Bucket => {
    const shorter = limits[index - 1] ?? 0;
    const entries = lengths
      .filter((length) => length > shorter && length <= T)
      .flatMap((length) => byLength.get(length) ?? []);
    const most = Math.max(1, Math.floor(batchTokens / T));
    // As many batches as needed, equally full.
    const B = Math.ceil(entries.length / Math.ceil(entries.length / most));
    return { B, T, entries: Int32Array.from(entries) };
  });
  const stepsPerEpoch = buckets.reduce((total, { B, entries }) => total + Math.ceil(entries.length / B), 0);
  const perStep = pieces.predictions / stepsPerEpoch;
  const pieceWeights = Float64Array.from(pieces.counts, (count) => count / Math.ceil(count / countPerEntry) / perStep);
  return { buckets, stepsPerEpoch, pieceWeights };
}

/**
 * Upper length limits of the buckets, ascending, that waste the least padding: dynamic programming over the distinct lengths, where a
 * bucket costs its padded tokens plus half a batch, so that small data do not end in many nearly empty buckets.
 */
export function bucketLimits(
  lengths: readonly number[],
  entryCounts: readonly number[],
  batchTokens: number,
): number[] {
  const n = lengths.length;
  const totals = [0];
  for (const count of entryCounts) totals.push((totals.at(-1) ?? 0) + count);
  type Best = { cost: number; limits: number[] };
  let best: Best[] = [{ cost: 0, limits: [] }, ...Array.from({ length: n }, () => ({ cost: Infinity, limits: [] }))];
  let winner: Best = { cost: Infinity, limits: [] };
  for (let buckets = 1; buckets <= Math.min(mostBuckets, n); buckets++) {
    const next: Best[] = Array.from({ length: n + 1 }, () => ({ cost: Infinity, limits: [] }));
    for (let end = 1; end <= n; end++) {
      const limit = lengths[end - 1] ?? 0;
      for (let start = 0; start < end; start++) {
        const before = best[start];
        if (!before || before.cost === Infinity) continue;
        const cost = before.cost + limit * ((totals[end] ?? 0) - (totals[start] ?? 0)) + batchTokens / 2;
        if (cost < (next[end]?.cost ?? Infinity)) next[end] = { cost, limits: [...before.limits, limit] };
      }
    }
    best = next;
    const whole = best[n];
    if (whole && whole.cost < winner.cost) winner = whole;
  }
  return winner.limits;
}

/** The batches of one epoch in random order: entries are shuffled within their bucket, then the batches among each other. */
export function epochBatches(plan: BatchPlan, random: Random, epoch: number): Batch[] {
  const batches: Batch[] = [];
  plan.buckets.forEach((bucket, index) => {
    const order = bucket.entries.slice();
    shuffle(order, random, epoch * (mostBuckets + 1) + index);
    for (let at = 0; at < order.length; at += bucket.B) {
      batches.push({ bucket, index, entries: order.subarray(at, at + bucket.B) });
    }
  });
  const order = Int32Array.from(batches.keys());
  shuffle(order, random, epoch * (mostBuckets + 1) + mostBuckets);
  return Array.from(order, (index) => batches[index]).filter((batch) => batch !== undefined);
}

export function allocateBatch(B: number, T: number): BatchArrays {
  return { ids: new BigInt64Array(B * T), targets: new BigInt64Array(B * T), weights: new Float32Array(B * T) };
}

/**
 * Fills `arrays` [B,T] with `entries` (at most B pieces), every unused place with padding. `replace(entry, position, id)` may put another
 * id in a token's place. Returns the number of predictions in the batch.
 */
export function fillBatch(
  arrays: BatchArrays,
  T: number,
  pieces: PieceSet,
  entries: Int32Array,
  pieceWeights: Float64Array,
  replace: (entry: number, position: number, id: number) => number,
): number {
  // The ids are small and not negative: writing the low words is much faster than making a BigInt of each (little-endian, as every
  // platform that ONNX Runtime runs on).
  const ids = new Int32Array(arrays.ids.buffer).fill(keyTokens.padding);
  const targets = new Int32Array(arrays.targets.buffer).fill(keyTokens.padding);
  arrays.weights.fill(0);
  let predictions = 0;
  entries.forEach((piece, row) => {
    const start = pieces.offsets[piece] ?? 0;
    const length = (pieces.offsets[piece + 1] ?? 0) - start;
    for (let position = 0; position < length; position++) {
      const id = replace(row, position, pieces.ids[start + position] ?? 0);
      if (position < length - 1) ids[2 * (row * T + position)] = id;
      if (position > 0) targets[2 * (row * T + position - 1)] = id;
    }
    arrays.weights.fill(pieceWeights[piece] ?? 0, row * T, row * T + length - 1);
    predictions += length - 1;
  });
  return predictions;
}
