/** @file What an arm is worth against the detector that nobody taught, at the same recall of attacks. */
import type { ArmOutcome } from './arms.ts';
import { queueAt, rankingOf, thresholdShowing, type Judged } from './queue.ts';

export type ArmFigures = {
  /** In the queue, at the threshold that shows as many attacks as are wanted; where folds hide some, at the one from before. */
  falseBefore: number;
  falseAfter: number;
  /** Of the attacks that the untaught detector shows at all. */
  recallBefore: number;
  recallAfter: number;
  /** At the arm's own threshold; NaN where it sets none. */
  falseAtOwn: number;
  recallAtOwn: number;
  apBefore: number;
  apAfter: number;
  /** On alerts whose signature got no verdict. */
  unseenBefore: number;
  unseenAfter: number;
};

type Input = {
  base: readonly Judged[];
  outcome: ArmOutcome;
  from: number;
  /** Attacks that must be shown, of those that the untaught detector shows. */
  wanted: number;
  shown: number;
  /** Signatures that got a verdict. */
  touched: ReadonlySet<string>;
};

export function figuresOf({ base, outcome, from, wanted, shown, touched }: Input): ArmFigures {
  const { judged, threshold } = outcome;
  const before = valueAt(base, from, shown);
  const same = thresholdShowing(judged, wanted);
  const after = valueAt(judged, Number.isFinite(same) ? same : from, shown);
  const own = threshold === null ? null : valueAt(judged, threshold, shown);
  const isUnseen = ({ alert }: Judged): boolean => !touched.has(alert.signature);
  return {
    falseBefore: before.falseAlerts,
    falseAfter: after.falseAlerts,
    recallBefore: before.recall,
    recallAfter: after.recall,
    falseAtOwn: own?.falseAlerts ?? NaN,
    recallAtOwn: own?.recall ?? NaN,
    apBefore: rankingOf(base),
    apAfter: rankingOf(judged),
    unseenBefore: rankingOf(base.filter(isUnseen)),
    unseenAfter: rankingOf(judged.filter(isUnseen)),
  };
}

function valueAt(judged: readonly Judged[], threshold: number, shown: number): { falseAlerts: number; recall: number } {
  const { heads, attacks } = queueAt(judged, threshold);
  return { falseAlerts: heads.filter(({ isThreat }) => !isThreat).length, recall: attacks.size / shown };
}
