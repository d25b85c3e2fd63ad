/** @file A comparison of ways of detecting over seeds: what each reaches, how sure that is, and how far it lies from ours on the same sessions. */
import { areaUnderRoc } from '../quality.ts';
import type { Arm, ArmScores } from './arms.ts';
import { areasOf, differenceOf, drawResamples, intervalOf, recallsOf, type Interval } from './bootstrap.ts';
import { averagePrecision, bestF1, conformalThreshold, deviationOf, meanOf, shareOfAlerts } from './statistics.ts';

export const rates = [0.01, 0.001] as const;

export type Spread = { mean: number; deviation: number };
/** At a threshold that was asked for this rate of false alarms. Null: calibration has too few sessions to set one. */
export type AtRate = { recall: Spread; realised: Spread } | null;

export type ArmFigures = {
  name: string;
  area: Spread & Interval;
  averagePrecision: Spread;
  atOnePercent: AtRate;
  atOnePerMille: AtRate;
  bestF1: Spread;
  rule: { name: string; recall: Spread; realised: Spread } | null;
  /** 95 % interval of the reference's figure less this one's. */
  behind: { area: Interval; recallAtOnePercent: Interval | null } | null;
  linesPerSecond: number;
};

/** One way by seed. */
export type ArmRuns = { arm: Arm; runs: ArmScores[]; ruleThresholds: number[] };

export function evaluate(all: readonly ArmRuns[], isThreat: readonly boolean[], reference: string): ArmFigures[] {
  const draws = drawResamples(isThreat, 1);
  const compared = all.map((own) => {
    const alerts = alertsOf(own, rates[0]);
    const scores = own.runs.map(({ test }) => test);
    return {
      areas: areasOf({ scores }, isThreat, draws),
      recalls: alerts && recallsOf({ alerts }, isThreat, draws),
    };
  });
  const first = compared[all.findIndex(({ arm }) => arm.name === reference)];
  return all.map((own, index): ArmFigures => {
    const rows = own.runs.map(({ test }) =>
      Array.from(test, (score, i) => ({ score, isThreat: isThreat[i] ?? false })),
    );
    const { areas, recalls } = compared[index] ?? { areas: [], recalls: null };
    const isReference = own.arm.name === reference;
    return {
      name: own.arm.name,
      area: {
        ...spreadOf(
          rows.map((run) => areaUnderRoc(run.map(({ score, isThreat }) => ({ score, label: Number(isThreat) })))),
        ),
        ...intervalOf(areas),
      },
      averagePrecision: spreadOf(rows.map(averagePrecision)),
      atOnePercent: atRate(own, rates[0], isThreat),
      atOnePerMille: atRate(own, rates[1], isThreat),
      bestF1: spreadOf(rows.map(bestF1)),
      rule: own.arm.rule
        ? { name: own.arm.rule.name, ...sharesAt(own, (run) => own.ruleThresholds[run] ?? NaN, isThreat) }
        : null,
      behind:
        !first || isReference
          ? null
          : {
              area: differenceOf(first.areas, areas),
              recallAtOnePercent: first.recalls && recalls && differenceOf(first.recalls, recalls),
            },
      linesPerSecond: meanOf(own.runs.map(({ linesPerSecond }) => linesPerSecond)),
    };
  });
}

/** By run, which test sessions alert at this rate; null where calibration cannot tell. */
export function alertsOf({ arm, runs }: Pick<ArmRuns, 'arm' | 'runs'>, rate: number): boolean[][] | null {
  const alerts: boolean[][] = [];
  for (const { calibration, test } of runs) {
    const threshold = arm.isPValue ? -Math.log10(rate) : conformalThreshold(calibration, rate);
    if (threshold === null) return null;
    // Calibrated scores count themselves among those that reach a threshold; a p-value alerts from the budget on.
    alerts.push(Array.from(test, (score) => (arm.isPValue ? score >= threshold : score > threshold)));
  }
  return alerts;
}

function atRate(own: ArmRuns, rate: number, isThreat: readonly boolean[]): AtRate {
  const alerts = alertsOf(own, rate);
  return alerts && spreadsOf(alerts.map((run) => shareOfAlerts(run, isThreat)));
}

function sharesAt(
  { runs }: ArmRuns,
  threshold: (run: number) => number,
  isThreat: readonly boolean[],
): { recall: Spread; realised: Spread } {
  return spreadsOf(
    runs.map(({ test }, run) =>
      shareOfAlerts(
        Array.from(test, (score) => score >= threshold(run)),
        isThreat,
      ),
    ),
  );
}

function spreadsOf(shares: readonly { recall: number; rate: number }[]): { recall: Spread; realised: Spread } {
  return { recall: spreadOf(shares.map(({ recall }) => recall)), realised: spreadOf(shares.map(({ rate }) => rate)) };
}

function spreadOf(values: readonly number[]): Spread {
  return { mean: meanOf(values), deviation: deviationOf(values) };
}
