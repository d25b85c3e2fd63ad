/** @file From the scores of all detectors on one event, or one whole session, to one p-value and who it comes from. */
import type { DetectorId, Vote } from '../../../shared/detectors.ts';
import { minusLog10P, type Calibration } from '../../detect/calibration.ts';
import type { GroupKey } from '../../detect/detector.ts';
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
};

/** `keys`: what the model learned says whether single events are judged, or whole sessions. */
export function judgeBy(calibrations: Calibrations, keys: ModelCard['keys'], ids: readonly DetectorId[]): Judge {
  return judgeByKey(keys === 'sequences' ? calibrations.sessionCalibration : calibrations.calibration, ids);
}

/** By the key model's surprise alone. */
function judgeByKey(calibration: Calibration, ids: readonly DetectorId[]): Judge {
  const key = ids.indexOf('key');
  const scoreOf = (columns: Columns, row: number): number => minusLog10P(calibration, columns[key]?.[row] ?? 0);
  return {
    groupOf: () => -1,
    scoreOf,
    votesOf: (columns, row) => [{ detector: 'key', score: scoreOf(columns, row) }],
  };
}
