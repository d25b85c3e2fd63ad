/** @file What an arm is worth against the detector that nobody taught, at the same recall of attacks. */
import type { Interval } from '../detect/bootstrap.ts';
import { gainOf, type Paired } from '../gain.ts';
import type { ArmOutcome } from './arms.ts';
import { queueAt, rankingOf, rankingScore, thresholdShowing, type Judged } from './queue.ts';

export type ArmFigures = {
  /** In the queue, at the threshold that shows as many attacks as are wanted; where folds hide some, as many as they leave. */
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
  /** On alerts whose signature got no verdict: of a model, against the one it came from under the same weights. */
  unseenBefore: number;
  unseenAfter: number;
  /** Of their difference, by drawing the same alerts again for both, or all of a signature together; null where nobody asked. */
  unseenGain: Interval | null;
  unseenGainBySignature: Interval | null;
  /** Share of normal events that was asked to alert, and that did, on a stretch without change or attack; NaN where it was not scored. */
  askedRate: number;
  realisedRate: number;
  /** Of held-back normal events, after over before. */
  normalLikelihoodRatio: number;
};

type Input = {
  base: readonly Judged[];
  /** Aligned with the outcome. */
  unseenBase: readonly Judged[];
  outcome: ArmOutcome;
  from: number;
  /** Attacks that must be shown, of those that the untaught detector shows. */
  wanted: number;
  shown: number;
  /** Signatures that got a verdict. */
  touched: ReadonlySet<string>;
  hasInterval: boolean;
};

export function figuresOf({
  base,
  unseenBase,
  outcome,
  from,
  wanted,
  shown,
  touched,
  hasInterval,
}: Input): Omit<ArmFigures, 'askedRate' | 'realisedRate' | 'normalLikelihoodRatio'> {
  const { judged, threshold } = outcome;
  const before = valueAt(base, from, shown);
  const visible = judged.filter(({ alert, isHidden }) => !isHidden && alert.score >= from);
  const left = new Set(visible.flatMap(({ alert }) => alert.attacks)).size;
  const after = valueAt(judged, thresholdShowing(judged, Math.min(wanted, left)), shown);
  const own = threshold === null ? null : valueAt(judged, threshold, shown);
  const isUnseen = ({ alert }: Judged): boolean => !touched.has(alert.signature);
  const unseen = { before: unseenBase.filter(isUnseen), after: judged.filter(isUnseen) };
  return {
    falseBefore: before.falseAlerts,
    falseAfter: after.falseAlerts,
    recallBefore: before.recall,
    recallAfter: after.recall,
    falseAtOwn: own?.falseAlerts ?? NaN,
    recallAtOwn: own?.recall ?? NaN,
    apBefore: rankingOf(base),
    apAfter: rankingOf(judged),
    unseenBefore: rankingOf(unseen.before),
    unseenAfter: rankingOf(unseen.after),
    ...(hasInterval ? gainsOf(unseen.before, unseen.after) : { unseenGain: null, unseenGainBySignature: null }),
  };
}

function valueAt(judged: readonly Judged[], threshold: number, shown: number): { falseAlerts: number; recall: number } {
  const { heads, attacks } = queueAt(judged, threshold);
  return { falseAlerts: heads.filter(({ isThreat }) => !isThreat).length, recall: attacks.size / shown };
}

function gainsOf(
  before: readonly Judged[],
  after: readonly Judged[],
): Pick<ArmFigures, 'unseenGain' | 'unseenGainBySignature'> {
  const rows = before.flatMap((own, i): Paired[] => {
    const other = after[i];
    if (!other) return [];
    const { isThreat, score } = rankingScore(own);
    return [{ unit: i, isThreat, before: score, after: rankingScore(other).score }];
  });
  return {
    unseenGain: gainOf(rows),
    unseenGainBySignature: gainOf(rows.map((row, i) => ({ ...row, unit: before[i]?.alert.signature ?? '' }))),
  };
}
