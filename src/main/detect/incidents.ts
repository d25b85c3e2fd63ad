/**
 * @file Ordinary incidents inside the calibration part: a reboot, a fault already under way. Their scores are as high as those of an attack, and
 * together they would put the threshold above every alarm. What tells them from normal life is that they are crowded: in one stretch of the
 * log, or with one kind of line in one stretch, there are more high scores than the other stretches make likely. Such a crowd counts as one event.
 */
import { descendingRows } from './order.ts';

/** High scores are looked at in ever smaller shares of all rows, as an incident may be crowded only among the very highest. */
const largestShare = 0.05;
const shareStep = 5;
const fewestScores = 5;
/** An incident is as long as it likes: stretches of the log of several lengths. */
const sliceCounts = [10, 30, 100] as const;
/** A kind of line is followed through the longest stretches only: in shorter ones it is hardly seen. */
const kindSlices = 10;
/** How many more than in the stretch in the middle are still chance: three deviations of a Poisson count, or four times the spread that there is. */
const countDeviations = 3;
const spreadDeviations = 4;
/** Of the median absolute deviation, to be that of a normal distribution. */
const deviationOfSpread = 1.4826;

/**
 * Which rows are to be left out of the calibration of `scores`, in the order of the log, NaN where there is none; null: none of them.
 * `kinds` name the kind of line of each row. Where rows stand in random order hardly any is left out. `descending`: as `descendingRows` gives them.
 */
export function crowdedRows(
  scores: Float32Array,
  kinds?: ArrayLike<number>,
  descending: Uint32Array = descendingRows(scores),
): Uint8Array | null {
  const high = highestRows(scores, descending);
  let leftOut: Uint8Array | null = null;
  const isLeft = (row: number): boolean => leftOut?.[row] !== 1;
  const leaveOut = (rows: readonly number[], kept: number): void => {
    leftOut ??= new Uint8Array(scores.length);
    // Those that stay are spread over the scores: what else is in the stretch is not all lost.
    for (let i = 0; i < rows.length; i++) {
      if (Math.floor(((i + 1) * kept) / rows.length) === Math.floor((i * kept) / rows.length))
        leftOut[rows[i] ?? 0] = 1;
    }
  };
  for (let share = largestShare; share * scores.length >= fewestScores; share /= shareStep) {
    for (const slices of sliceCounts) thin(topOf(high, scores, share, isLeft), scores.length, slices, leaveOut);
    if (!kinds) continue;
    const ofKind = new Map<number, number[]>();
    for (const row of topOf(high, scores, share, isLeft)) {
      const kind = kinds[row] ?? 0;
      const rows = ofKind.get(kind);
      if (rows) rows.push(row);
      else ofKind.set(kind, [row]);
    }
    for (const rows of ofKind.values()) thin(rows, scores.length, kindSlices, leaveOut);
  }
  return leftOut;
}

/** As many rows as can matter. Where many share one score, only what lies above it is high. */
function highestRows(scores: Float32Array, descending: Uint32Array): Uint32Array {
  const most = Math.ceil(largestShare * scores.length);
  const scoreAt = (place: number): number => scores[descending[place] ?? 0] ?? 0;
  const least = scoreAt(Math.min(descending.length, most) - 1);
  let above = 0;
  while (above < descending.length && scoreAt(above) > least) above++;
  let atLeast = above;
  while (atLeast < descending.length && scoreAt(atLeast) === least) atLeast++;
  return descending.subarray(0, atLeast > 2 * most ? above : atLeast);
}

function topOf(high: Uint32Array, scores: Float32Array, share: number, isLeft: (row: number) => boolean): number[] {
  const count = Math.ceil(share * scores.length);
  const top: number[] = [];
  for (const row of high) {
    if (top.length >= count) break;
    if (isLeft(row)) top.push(row);
  }
  return top;
}

/** Leaves a slice that has more of `rows` than the others make likely with one more than is usual. */
function thin(
  rows: readonly number[],
  rowCount: number,
  slices: number,
  leaveOut: (rows: readonly number[], kept: number) => void,
): void {
  if (rows.length <= countDeviations) return;
  const sliceOf = (row: number): number => Math.floor((row * slices) / rowCount);
  const counts = new Float64Array(slices);
  for (const row of rows) counts[sliceOf(row)] = (counts[sliceOf(row)] ?? 0) + 1;
  const usual = middleOf(counts);
  const spread = deviationOfSpread * middleOf(counts.map((count) => Math.abs(count - usual)));
  const most = usual + Math.max(countDeviations * Math.sqrt(usual + 1), spreadDeviations * spread);
  counts.forEach((count, slice) => {
    if (count <= most) return;
    leaveOut(
      rows.filter((row) => sliceOf(row) === slice),
      Math.round(usual) + 1,
    );
  });
}

function middleOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
