/**
 * @file Judging under what verdicts taught: other weights of the detectors and verified normals make another second calibration, so that p stays a p.
 * The detectors' own p-values stay as they are, and with them what is stored of alerts: their votes.
 */
import type { DetectorId, Vote } from '../../shared/detectors.ts';
import type { Taught } from '../../shared/taught.ts';
import { minusLog10P } from './calibration.ts';
import type { GroupKey } from './detector.ts';
import type { FusedDetector, FusionData } from './fusion.ts';
import { leastVote, mostScore, type OwnRows } from './ownRows.ts';
import { fitRanked, rankRows, type FittedSecond, type RankedRows, type Second, type Verified } from './second.ts';

type Weighed = Pick<FusedDetector, 'id' | 'weight'>;

/** -log10 of the smallest weighed p-value, a little more where others vote with it, from the votes alone. */
export class CombinedVotes {
  readonly #weightLogs: ReadonlyMap<DetectorId, number>;

  constructor(detectors: readonly Weighed[]) {
    this.#weightLogs = new Map(detectors.map(({ id, weight }) => [id, Math.log10(weight)]));
  }

  /** Null where nobody voted that has a weight. */
  score(votes: readonly Vote[]): number | null {
    let largest = 0;
    let sum = 0;
    for (const { detector, score } of votes) {
      const weightLog = this.#weightLogs.get(detector);
      if (weightLog === undefined) continue;
      largest = Math.max(largest, score + weightLog);
      sum += 10 ** Math.min(score + weightLog, mostScore);
    }
    return sum > 0 ? Math.max(largest, Math.log10(sum)) : null;
  }
}

/** Of one detector: the rows it votes on, with 1 / p, and 1 / p of all rows but these, which of most detectors nobody asks: null until somebody does. */
type Inverses = { voted: Uint32Array; ofVoted: Float64Array; ofOthers: Float32Array | null };
/** Of rows as they come from their file: what is asked of them again has no power to compute. */
const known = new WeakMap<OwnRows, readonly Inverses[]>();

function inversesOf(rows: OwnRows): readonly Inverses[] {
  const inverses = known.get(rows) ?? rows.detectors.map((_, detector) => inversesOfVotes(rows, detector));
  known.set(rows, inverses);
  return inverses;
}

function inversesOfVotes({ own, detectors: { length: width } }: OwnRows, detector: number): Inverses {
  const voted: number[] = [];
  const ofVoted: number[] = [];
  for (let place = detector; place < own.length; place += width) {
    const score = own[place] ?? 0;
    if (score < leastVote) continue;
    voted.push((place - detector) / width);
    ofVoted.push(10 ** Math.min(score, mostScore));
  }
  return { voted: Uint32Array.from(voted), ofVoted: Float64Array.from(ofVoted), ofOthers: null };
}

function inversesOfOthers({ own, detectors: { length: width } }: OwnRows, detector: number): Float32Array {
  const inverses = new Float32Array(own.length / width);
  for (let row = 0; row < inverses.length; row++) {
    const score = own[row * width + detector] ?? 0;
    inverses[row] = score < leastVote ? 10 ** score : 0;
  }
  return inverses;
}

/** The same of rows whose detectors' own values are all there. */
export function smallestOfRows(rows: OwnRows, weights: readonly number[]): Float32Array {
  const rowCount = rows.own.length / weights.length;
  const sums = new Float64Array(rowCount);
  // Of those that do not vote, and at least that nobody says anything.
  const largest = new Float64Array(rowCount).fill(1);
  inversesOf(rows).forEach((inverses, detector) => {
    const { voted, ofVoted } = inverses;
    const weight = weights[detector] ?? 0;
    for (let place = 0; place < voted.length; place++) {
      const row = voted[place] ?? 0;
      sums[row] = (sums[row] ?? 0) + weight * (ofVoted[place] ?? 0);
    }
    // Less than a vote weighed by so little is less than nothing.
    if (weight * 10 ** leastVote <= 1) return;
    const ofOthers = (inverses.ofOthers ??= inversesOfOthers(rows, detector));
    for (let row = 0; row < rowCount; row++) {
      const weighed = weight * (ofOthers[row] ?? 0);
      if (weighed > (largest[row] ?? 0)) largest[row] = weighed;
    }
  });
  const scores = new Float32Array(rowCount);
  for (let row = 0; row < rowCount; row++) scores[row] = Math.log10(Math.max(sums[row] ?? 0, largest[row] ?? 1));
  return scores;
}

/** As the weights asked for last rank them: most verdicts leave these as they are. */
const rankedLast = new WeakMap<OwnRows, { weights: readonly number[]; ranked: RankedRows }>();

function rankedUnder(rows: OwnRows, weights: readonly number[]): RankedRows {
  const last = rankedLast.get(rows);
  if (last?.weights.every((weight, place) => weight === weights[place])) return last.ranked;
  const facts = { kinds: rows.kinds ?? undefined, groups: rows.groups ?? undefined };
  const ranked = rankRows(smallestOfRows(rows, weights), facts);
  rankedLast.set(rows, { weights, ranked });
  return ranked;
}

/** Of the rows' detectors, in their order. */
export function weightsUnder({ detectors }: Pick<OwnRows, 'detectors'>, weights: Taught['weights']): number[] {
  return detectors.map(({ id, weight }) => weights?.[id] ?? weight);
}

/** `shownFrom`: -log10 p from which on what was judged alerted. */
export function secondUnder(rows: OwnRows, taught: Taught, shownFrom: number): Second {
  return fittedUnder(rows, taught, shownFrom).second;
}

/** With by how much verified normals move -log10 p where rows begin to alert. */
export function fittedUnder(
  rows: OwnRows,
  { weights, joined }: Pick<Taught, 'weights' | 'joined'>,
  shownFrom: number,
): Pick<FittedSecond, 'second' | 'shift'> {
  if (weights === null && joined === null) return { second: rows.second, shift: 0 };
  const verified: Verified | undefined = joined ? { joined, shownFrom } : undefined;
  return fitRanked(rankedUnder(rows, weightsUnder(rows, weights)), verified);
}

export function reweighed(fusion: FusionData, weights: Taught['weights'], second: Second): FusionData {
  return {
    ...fusion,
    second,
    detectors: fusion.detectors.map((one) => ({ ...one, weight: weights?.[one.id] ?? one.weight })),
  };
}

/** Scores alerts from what is stored of them. */
export class VoteJudge {
  readonly #votes: CombinedVotes;
  readonly #second: Second;

  constructor(detectors: readonly Weighed[], second: Second) {
    this.#votes = new CombinedVotes(detectors);
    this.#second = second;
  }

  /** -log10 p of all detectors together; null where nobody voted, and what it was stands. */
  score(votes: readonly Vote[], group: GroupKey): number | null {
    const first = this.#votes.score(votes);
    return first === null ? null : minusLog10P(this.#second.groups[group] ?? this.#second.pooled, first);
  }

  /** -log10 of the smallest weighed p-value. */
  first(votes: readonly Vote[]): number | null {
    return this.#votes.score(votes);
  }
}
