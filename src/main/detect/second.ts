/**
 * @file The second calibration: from the smallest weighed p-value of a row to the p-value of all detectors together, by group where a group has
 * enough rows. Made where a model learns, and again where verdicts changed the weights or verified what is normal.
 */
import type { Joined } from '../../shared/taught.ts';
import {
  bitsAt,
  calibrationOf,
  fitCalibration,
  minusLog10P,
  rankedScores,
  type Calibration,
  type JoinedScores,
  type RankedScores,
  type TailPrior,
} from './calibration.ts';
import type { GroupKey } from './detector.ts';
import { crowdedRows } from './incidents.ts';
import { descendingRows } from './order.ts';

/** Of the smallest weighed p-value, as -log10: `pooled` for groups without one of their own. */
export type Second = { pooled: Calibration; groups: Record<GroupKey, Calibration> };

/** What rows are calibrated with besides their scores. */
export type RowFacts = {
  /** Group of row i: `keys[of[i]]`. */
  groups?: { keys: readonly GroupKey[]; of: ArrayLike<number> } | undefined;
  /** Kind of line of each row: an incident that repeats one is told by it. */
  kinds?: ArrayLike<number> | undefined;
};

/** A group with fewer rows is judged by all of them. */
export const leastGroupRows = 200;
/** The first calibration made p-values, and p-values fall like themselves: tenfold rarer is one more. */
const secondPrior: TailPrior = { scale: 1 / Math.LN10, shape: 0, scaleWeight: 20, shapeWeight: 50 };
/** The tail of a group is that of all until it has scores of its own. */
const groupPriorWeights = { scaleWeight: 30, shapeWeight: 100 };

/** Verified normals, and the fused -log10 p from which on every row that was judged alerted. */
export type Verified = { joined: Joined; shownFrom: number };

/** `shift`: by how much verified normals move -log10 p where rows begin to alert; 0 without them. */
export type FittedSecond = { second: Second; leftOut: number; shift: number };

/** Rows in the order of their scores, without incidents that repeat: all of a fit that verified normals do not change. */
export type RankedRows = { all: RankedScores; groups: { key: GroupKey; ranked: RankedScores }[]; leftOut: number };

export function rankRows(smallest: Float32Array, facts: RowFacts): RankedRows {
  const order = descendingRows(smallest);
  const crowd = crowdedRows(smallest, facts.kinds, order);
  const { leftOut, ...kept } = keptOf(smallest, order, crowd);
  return { all: rankedScores(kept.scores), groups: groupsOf(kept, facts.groups), leftOut };
}

export function fitSecond(smallest: Float32Array, facts: RowFacts, verified?: Verified): FittedSecond {
  return fitRanked(rankRows(smallest, facts), verified);
}

export function fitRanked({ all, groups: apart, leftOut }: RankedRows, verified?: Verified): FittedSecond {
  let shift = 0;
  const fit = (ranked: RankedScores, prior: TailPrior, key: GroupKey | null): Calibration => {
    const calibration = calibrationOf(ranked, prior);
    if (!verified) return calibration;
    const joined = joinedOf(verified, key, ranked.descending.length / all.descending.length, calibration);
    if (!joined) return calibration;
    const together = calibrationOf(ranked, prior, joined);
    if (key === null) shift = minusLog10P(together, joined.from) - verified.shownFrom;
    return together;
  };
  const pooled = fit(all, secondPrior, null);
  const groups: Second['groups'] = {};
  for (const { key, ranked } of apart) groups[key] = fit(ranked, groupPrior(pooled), key);
  return { second: { pooled, groups }, leftOut, shift };
}

type Kept = { rows: Uint32Array; scores: Float32Array };

/** Of rows in descending order those that are not left out, with their scores. */
function keptOf(smallest: Float32Array, order: Uint32Array, crowd: Uint8Array | null): Kept & { leftOut: number } {
  const rows = new Uint32Array(order.length);
  const scores = new Float32Array(order.length);
  let count = 0;
  let leftOut = 0;
  for (let place = 0; place < order.length; place++) {
    const row = order[place] ?? 0;
    const score = smallest[row] ?? NaN;
    if (crowd?.[row] === 1) leftOut++;
    if (crowd?.[row] === 1 || !Number.isFinite(score)) continue;
    rows[count] = row;
    scores[count++] = score;
  }
  return { rows: rows.subarray(0, count), scores: scores.subarray(0, count), leftOut };
}

/** Of those with enough rows. */
function groupsOf({ rows, scores }: Kept, groups: RowFacts['groups']): RankedRows['groups'] {
  if (!groups) return [];
  const { keys, of } = groups;
  const groupAt = (place: number): number => of[rows[place] ?? 0] ?? 0;
  const starts = new Uint32Array(keys.length + 1);
  for (let place = 0; place < rows.length; place++) starts[groupAt(place) + 1] = (starts[groupAt(place) + 1] ?? 0) + 1;
  for (let group = 0; group < keys.length; group++) starts[group + 1] = (starts[group + 1] ?? 0) + (starts[group] ?? 0);
  const next = starts.slice();
  const sorted = new Float32Array(rows.length);
  for (let place = 0; place < rows.length; place++) {
    const at = next[groupAt(place)] ?? 0;
    sorted[at] = scores[place] ?? 0;
    next[groupAt(place)] = at + 1;
  }
  return keys.flatMap((key, group) => {
    const descending = sorted.subarray(starts[group], starts[group + 1]);
    return descending.length < leastGroupRows ? [] : [{ key, ranked: rankedScores(descending) }];
  });
}

/** Of rows that are not among those of all, as sessions that the log's end cut off. Null: too few of them. */
export function fitGroupApart(scores: Float32Array, pooled: Calibration): Calibration | null {
  if (scores.length < leastGroupRows) return null;
  const crowd = crowdedRows(scores);
  const kept = crowd ? scores.filter((_, row) => crowd[row] !== 1) : scores;
  return kept.length >= leastGroupRows ? fitCalibration(kept, groupPrior(pooled)) : null;
}

function groupPrior({ tail }: Calibration): TailPrior {
  return { scale: tail.scale, shape: tail.shape, ...groupPriorWeights };
}

/**
 * A verified normal was found because it alerted: alone it is no random row. It joins with the rows that were judged to find it, which count as
 * normal below where rows alert; so the calibration stays an estimate of the share of normal rows above a score. What a group has of the rows is
 * taken to be its share of those held back. `key`: null for all groups.
 */
function joinedOf(
  { joined, shownFrom }: Verified,
  key: GroupKey | null,
  share: number,
  calibration: Calibration,
): JoinedScores | null {
  const scores = key === null ? Object.values(joined.scores).flat() : (joined.scores[key] ?? []);
  const rows = Math.round(joined.rows * share);
  return rows === 0 ? null : { scores, rows, from: bitsAt(calibration, shownFrom) };
}
