/** @file From the scores of all detectors on one event, or one whole session, to one p-value and who it comes from. */
import type { DetectorId, Vote } from '../../../shared/detectors.ts';
import type { RuleFinding } from '../../../shared/presets.ts';
import { minusLog10P, type Calibration } from '../../detect/calibration.ts';
import type { GroupKey } from '../../detect/detector.ts';
import { Fusion, type FusionData } from '../../detect/fusion.ts';
import { VoteJudge as KeptVotes } from '../../detect/reweigh.ts';
import type { Calibrations, ModelCard } from '../keyModel.ts';

/** One for each detector of the set, in its order: the scores of some rows, NaN where it says nothing. */
export type Columns = readonly Float32Array[];

export type Judge = {
  /** The number of a group, for `scoreOf`. */
  groupOf(key: GroupKey): number;
  /** -log10 p. Never falls when one of the scores rises. */
  scoreOf(columns: Columns, row: number, group: number): number;
  /** The strongest first. */
  votesOf(columns: Columns, row: number): Vote[];
  /** -log10 p of what voted so before; null where that does not tell it. Rules and models of one detector have none. */
  scoreOfVotes?(votes: readonly Vote[], group: GroupKey): number | null;
  /** Of a preset's rule: what it found of a row, whether it breaks the rule or not; null where there is no rule. */
  findingOf?(columns: Columns, row: number): RuleFinding | null;
};

/** By calibrated p-values, and by no rule: what is kept of an alert can be judged again. */
export type VoteJudge = Judge & {
  /** A detector's own -log10 p of its score. */
  ownOf(detector: DetectorId, score: number): number;
  scoreOfVotes(votes: readonly Vote[], group: GroupKey): number | null;
};

/** `keys`: what the model learned says whether single events are judged, or whole sessions. */
export function judgeBy(calibrations: Calibrations, keys: ModelCard['keys'], ids: readonly DetectorId[]): VoteJudge {
  if (calibrations.fusion) return judgeByAll(calibrations.fusion, ids);
  return judgeByKey(keys === 'sequences' ? calibrations.sessionCalibration : calibrations.calibration, ids);
}

/** The bits at which the key model alone would reach this -log10 p in a group: where the threshold lies on its histogram. */
export function keyBitsAt(judge: Judge, ids: readonly DetectorId[], score: number, group: number): number {
  const columns = ids.map(() => new Float32Array(1).fill(Number.NaN));
  const key = columns[ids.indexOf('key')] ?? new Float32Array(1);
  const scoreAt = (bits: number): number => {
    key[0] = bits;
    return judge.scoreOf(columns, 0, group);
  };
  let [low, high] = [0, 1];
  while (scoreAt(high) < score && high < 1e4) high *= 2;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (scoreAt(middle) < score) low = middle;
    else high = middle;
  }
  return high;
}

function judgeByAll(data: FusionData, ids: readonly DetectorId[]): VoteJudge {
  const fusion = new Fusion(data);
  const kept = new KeptVotes(data.detectors, data.second);
  // Of a detector that this version does not have there is no column.
  const order = fusion.ids.map((id) => ids.indexOf(id));
  const isInOrder = order.every((column, index) => column === index);
  const ordered = (columns: Columns): readonly (Float32Array | undefined)[] =>
    isInOrder ? columns : order.map((column) => columns[column]);
  return {
    groupOf: (key) => fusion.groupOf(key),
    scoreOf: (columns, row, group) => fusion.score(ordered(columns), row, group),
    votesOf: (columns, row) => fusion.votes(ordered(columns), row),
    ownOf: (detector, score) => fusion.ownOf(detector, score),
    scoreOfVotes: (votes, group) => kept.score(votes, group),
  };
}

/** By the key model's surprise alone. */
function judgeByKey(calibration: Calibration, ids: readonly DetectorId[]): VoteJudge {
  const key = ids.indexOf('key');
  const scoreOf = (columns: Columns, row: number): number => minusLog10P(calibration, columns[key]?.[row] ?? 0);
  return {
    groupOf: () => -1,
    scoreOf,
    votesOf: (columns, row) => [{ detector: 'key', score: scoreOf(columns, row) }],
    ownOf: (detector, score) => (detector === 'key' ? minusLog10P(calibration, score) : 0),
    scoreOfVotes: (votes) => votes.find(({ detector }) => detector === 'key')?.score ?? 0,
  };
}
