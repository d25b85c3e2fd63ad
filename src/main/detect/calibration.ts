/**
 * @file From surprise in bits to a p-value: split-conformal within the calibration scores, a generalised Pareto tail beyond them.
 * Works in -log10 p, so that nothing underflows. Source: Bates et al. 2104.08279; peaks over threshold, Siffer et al., KDD 2017.
 */
import { AppError } from '../../shared/errors.ts';

export type Calibration = {
  /** Calibration scores, descending; thinned below the tail so that it stays small. Bits, where they are the key model's. */
  scores: number[];
  /** Number of calibration scores at or above `scores[i]`. */
  ranks: number[];
  /** Number of calibration scores in all. */
  count: number;
  tail: Tail;
};

/** Beyond `startBits`, p = startProbability * (1 + shape * (bits - startBits) / scale) ^ (-1 / shape). */
export type Tail = { startBits: number; startProbability: number; scale: number; shape: number };

/** The tail is the largest hundredth of the calibration scores, but at least so many of them. */
const tailShare = 0.01;
const minTail = 10;
/** Down to so many scores the calibration itself tells the p-value, exactly; only beyond them does the tail. */
const leastRank = 5;
/** What a tail of few scores is drawn towards, with weights in scores. A shape needs more of them than a scale before it is believed. */
export type TailPrior = { scale: number; shape: number; scaleWeight: number; shapeWeight: number };
/** An unfitted tail falls as surprise itself does: one bit more is half as probable. */
export const bitPrior: TailPrior = { scale: 1 / Math.LN2, shape: 0, scaleWeight: 5, shapeWeight: 20 };
/** Heavier tails than this have no variance; lighter than exponential would end and rank nothing beyond. */
const maxShape = 0.5;
const keptScores = 2000;

/** Rows that were judged later: of those that scored `from` and more the normal ones are known, `scores`; the others lie below, as those held back do. */
export type JoinedScores = { scores: readonly number[]; from: number; rows: number };

type Scores = Float64Array | Float32Array;
type Thinned = Pick<Calibration, 'scores' | 'ranks'>;

/** Finite scores in descending order, and of them those that a calibration keeps, whatever its tail is drawn towards. */
export type RankedScores = { descending: Scores; thinned: Thinned };

export function rankedScores(descending: Scores): RankedScores {
  return { descending, thinned: thin(piecesOf(descending)) };
}

/** Throws BAD_INPUT when there is nothing to calibrate on. `scores` are of events taken as normal, in any order. */
export function fitCalibration(scores: Scores, prior: TailPrior = bitPrior): Calibration {
  return calibrationOf(rankedScores(scores.filter(Number.isFinite).sort().reverse()), prior);
}

/**
 * The same of scores that are in order. With `joined` ranks are of all rows together, and need not be whole. Throws BAD_INPUT when there is nothing
 * to calibrate on.
 */
export function calibrationOf(ranked: RankedScores, prior: TailPrior, joined?: JoinedScores): Calibration {
  const { descending } = ranked;
  const own = descending.length;
  if (own === 0)
    throw new AppError('BAD_INPUT', 'There is no held-back event to calibrate on; learn from a longer log.');
  const above = joined?.scores.filter((score) => Number.isFinite(score) && score >= joined.from) ?? [];
  const rowCount = own + above.length;
  const count = own + Math.max(joined?.rows ?? 0, above.length);
  const ownKnown = joined ? rankOf(piecesOf(descending), joined.from) : own;
  const known = ownKnown + above.length;
  const perRow = known < rowCount ? (count - known) / (rowCount - known) : 1;
  /** Rows among the first so many of all, and what lies among them. */
  const rowsAmong = (index: number): number => (index <= known ? index : known + (index - known) * perRow);
  const size = Math.min(rowCount, Math.max(minTail, Math.ceil(rowCount * tailShare)));
  const sorted = piecesOf(descending, { others: above, least: Math.max(ownKnown, size) });
  const start = scoreAt(sorted, Math.min(size, leastRank) - 1);
  const { scale, shape } = fitTail(sorted.head.subarray(0, size), prior);
  const { scores, ranks } = above.length > 0 ? thin(sorted) : ranked.thinned;
  return {
    ...{ scores, ranks: joined ? ranks.map(rowsAmong) : ranks, count },
    tail: {
      startBits: start,
      startProbability: (rowsAmong(rankOf(sorted, start)) + 1) / (count + 1),
      // What is beyond a later start has the same shape, and a scale that grows with it.
      scale: scale + shape * (start - scoreAt(sorted, size - 1)),
      shape,
    },
  };
}

/** Scores in descending order: others that joined are among the first, and what is below them stays where it is. */
type Pieces = { head: Scores; rest: Scores };

/** `others` joined among the first `least`. */
function piecesOf(
  descending: Scores,
  { others, least }: { others: readonly number[]; least: number } = { others: [], least: 0 },
): Pieces {
  if (others.length === 0) return { head: descending, rest: descending.subarray(descending.length) };
  return { head: merged(descending.subarray(0, least), others), rest: descending.subarray(least) };
}

function scoreAt({ head, rest }: Pieces, index: number): number {
  return (index < head.length ? head[index] : rest[index - head.length]) ?? 0;
}

function merged(descending: Scores, others: readonly number[]): Float64Array {
  const all = new Float64Array(descending.length + others.length);
  let next = 0;
  let place = 0;
  for (const other of others.toSorted((a, b) => b - a)) {
    while (next < descending.length && (descending[next] ?? 0) >= other) all[place++] = descending[next++] ?? 0;
    all[place++] = other;
  }
  all.set(descending.subarray(next), place);
  return all;
}

/** How many are `value` or more. */
function rankOf(sorted: Pieces, value: number): number {
  const count = sorted.head.length + sorted.rest.length;
  let rank = 0;
  while (rank < count && scoreAt(sorted, rank) >= value) rank++;
  return rank;
}

/** Every distinct score near the tail, then ever coarser steps: the p-value needs relative, not absolute, precision. */
function thin(sorted: Pieces): Thinned {
  const count = sorted.head.length + sorted.rest.length;
  const scores: number[] = [];
  const ranks: number[] = [];
  let next = 0;
  while (next < count) {
    const score = scoreAt(sorted, next);
    let end = next + 1;
    while (end < count && scoreAt(sorted, end) === score) end++;
    scores.push(score);
    ranks.push(end);
    next = end + Math.floor((end * 4) / keptScores);
  }
  return { scores, ranks };
}

/**
 * Shape and scale of the excesses over the smallest of the given scores by probability-weighted moments (Hosking and Wallis, 1987), drawn
 * towards the prior where they are few.
 */
function fitTail(descending: Float64Array | Float32Array, prior: TailPrior): { scale: number; shape: number } {
  const n = descending.length;
  const start = descending[n - 1] ?? 0;
  let mean = 0;
  let weighted = 0;
  for (let i = 0; i < n; i++) {
    const excess = (descending[i] ?? 0) - start;
    mean += excess / n;
    // Descending order: the i-th largest exceeds all but i of the others.
    weighted += (excess * (i / Math.max(1, n - 1))) / n;
  }
  const isHeavy = weighted <= 0 || mean <= 2 * weighted;
  const estimated = isHeavy ? maxShape : 2 - mean / (mean - 2 * weighted);
  const { scaleWeight, shapeWeight } = prior;
  const shape = (Math.min(maxShape, Math.max(0, estimated)) * n + prior.shape * shapeWeight) / (n + shapeWeight);
  const scale = (mean * (1 - shape) * n + prior.scale * scaleWeight) / (n + scaleWeight);
  return { scale, shape };
}

/**
 * -log10 p of a score. Never decreases with the score, and strictly grows beyond the calibration scores. Between two of them the conformal p is a
 * step; it is interpolated in its logarithm so that rows still rank by it. Allocates nothing: it is asked of every row.
 */
export function minusLog10P({ tail, scores, ranks, count }: Calibration, score: number): number {
  if (score > tail.startBits) {
    const over = (score - tail.startBits) / tail.scale;
    const log = tail.shape < 1e-6 ? over : Math.log1p(tail.shape * over) / tail.shape;
    return -Math.log10(tail.startProbability) + log / Math.LN10;
  }
  let low = 0;
  let high = scores.length; // first index whose score is below `score`
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((scores[middle] ?? 0) >= score) low = middle + 1;
    else high = middle;
  }
  const isLowest = low === scores.length;
  const belowScore = isLowest ? 0 : (scores[low] ?? 0);
  const belowLog = isLowest ? 0 : Math.log10(((ranks[low] ?? 0) + 1) / (count + 1));
  if (low === 0) return -belowLog;
  const aboveScore = scores[low - 1] ?? 0;
  const aboveLog = Math.log10(((ranks[low - 1] ?? 0) + 1) / (count + 1));
  if (aboveScore - belowScore <= 0) return -aboveLog;
  const share = Math.min(1, Math.max(0, (score - belowScore) / (aboveScore - belowScore)));
  return -(belowLog + share * (aboveLog - belowLog));
}

/** The score in bits whose -log10 p is `score`: where the threshold lies on the calibration histogram. */
export function bitsAt(calibration: Calibration, score: number): number {
  let low = 0;
  let high = 1;
  while (minusLog10P(calibration, high) < score && high < 1e6) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (minusLog10P(calibration, middle) < score) low = middle;
    else high = middle;
  }
  return high;
}
