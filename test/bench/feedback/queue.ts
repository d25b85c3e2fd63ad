/** @file The queue as an analyst would see it at a threshold, and what it is worth: its false alerts, the attacks it shows, how it ranks. */
import { Folding } from '../../../src/main/detect/folding.ts';
import { severityOf } from '../../../src/main/detect/severity.ts';
import { defaultFolding } from '../../../src/shared/thresholds.ts';
import { averagePrecision } from '../detect/statistics.ts';
import type { StreamAlert } from './stream.ts';

/** An alert as an arm judges it. `isHidden`: a verdict folds it. */
export type Judged = { alert: StreamAlert; score: number; isHidden: boolean };

export type Shown = {
  /** What is in the queue, repeats of the same counted by their first. */
  heads: { isThreat: boolean; score: number }[];
  /** Attacks of which something is shown. */
  attacks: ReadonlySet<number>;
};

/** In the order of the log. */
export function queueAt(judged: readonly Judged[], threshold: number): Shown {
  const folding = new Folding(defaultFolding);
  const heads = new Map<number, Shown['heads'][number]>();
  const attacks = new Set<number>();
  for (const { alert, score, isHidden } of judged) {
    if (isHidden || score < threshold) continue;
    const { eventId, at, fingerprint, profile, attacks: own, isThreat } = alert;
    const severity = severityOf(score, threshold);
    const facts = {
      isShown: true,
      severity,
      ownSeverity: severity,
      fingerprint,
      profile,
      isClosed: false,
      hiddenBy: '',
      head: null,
    };
    const headOf = folding.add({ eventId, at, ...facts }) ?? eventId;
    const head = heads.get(headOf) ?? { isThreat: false, score };
    head.isThreat ||= isThreat;
    head.score = Math.max(head.score, score);
    heads.set(headOf, head);
    for (const attack of own) attacks.add(attack);
  }
  return { heads: [...heads.values()], attacks };
}

/** The largest threshold at which at least so many attacks are shown; -Infinity where they never are. */
export function thresholdShowing(judged: readonly Judged[], attackCount: number): number {
  const best = new Map<number, number>();
  for (const { alert, score, isHidden } of judged) {
    if (isHidden) continue;
    for (const attack of alert.attacks) best.set(attack, Math.max(best.get(attack) ?? -Infinity, score));
  }
  return [...best.values()].sort((a, b) => b - a)[attackCount - 1] ?? -Infinity;
}

/** Average precision over single alerts; what is hidden comes last. */
export function rankingOf(judged: readonly Judged[]): number {
  return averagePrecision(judged.map(rankingScore));
}

export function rankingScore({ alert, score, isHidden }: Judged): { isThreat: boolean; score: number } {
  return { isThreat: alert.isThreat, score: isHidden ? -1 : score };
}
