/** @file What the conditions have in common: runs of some arms over seeds, and their recall and realised rate at 1 %. */
import { areaUnderRoc } from '../../quality.ts';
import type { ArmRuns } from '../evaluate.ts';
import { alertsOf } from '../evaluate.ts';
import { meanOf, shareOfAlerts } from '../statistics.ts';

export const asked = 0.01;

/** Means over the runs; the test sessions may differ from run to run. */
export function figuresOf(
  { arm, runs }: Pick<ArmRuns, 'arm' | 'runs'>,
  isThreat: readonly (readonly boolean[])[],
): { area: number; recall: number; realised: number } {
  const alerts = alertsOf({ arm, runs }, asked);
  const shares = alerts?.map((run, i) => shareOfAlerts(run, isThreat[i] ?? [])) ?? [];
  return {
    area: meanOf(
      runs.map(({ test }, run) =>
        areaUnderRoc(Array.from(test, (score, i) => ({ score, label: Number(isThreat[run]?.[i]) }))),
      ),
    ),
    recall: meanOf(shares.map(({ recall }) => recall)),
    realised: meanOf(shares.map(({ rate }) => rate)),
  };
}
