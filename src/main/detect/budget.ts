/** @file From "20 alerts a day" to the -log10 p at which an event alerts, and in words what that means. */
import type { Budget } from '../../shared/thresholds.ts';
import { achievedRate, confidence } from './achieved.ts';

const dayMs = 86_400_000;
/** A quiet log must not spend its budget on what is hardly rare: never more than one line in a hundred alerts. */
export const mostAlerting = 0.01;
export const defaultBudget: Budget = { alerts: 20, per: 'day' };

/** Time that logs cover together: what two of them cover both counts once. Null: none says when it was. */
export function coveredMs(intervals: readonly { from: number; to: number }[]): number | null {
  let covered = 0;
  let end = -Infinity;
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    covered += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return covered > 0 ? covered : null;
}

export type Spread = {
  budget: Budget;
  /** Events that one budget is spread over. */
  eventsPerPeriod: number;
  /** -log10 of the share of normal events that may alert. */
  score: number;
};

/** A log of less than a day cannot say how many events a day has: the daily budget then counts per 100,000 lines. */
export function spreadBudget(budget: Budget, eventCount: number, durationMs: number | null): Spread {
  const isDaily = budget.per === 'day' && durationMs !== null && durationMs >= dayMs;
  const eventsPerPeriod = isDaily ? Math.max(1, eventCount / (durationMs / dayMs)) : 100_000;
  const alpha = Math.min(mostAlerting, budget.alerts / eventsPerPeriod);
  return {
    budget: isDaily ? budget : { alerts: budget.alerts, per: '100k' },
    eventsPerPeriod,
    score: -Math.log10(alpha),
  };
}

const count = new Intl.NumberFormat('en');
const count1 = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

/** What a threshold means to the person who reads the alerts, and how far calibration carries it. */
export function thresholdMeaning(spread: Spread, score: number, calibrationEvents: number): string {
  const achieved = achievedRate(score, calibrationEvents);
  const inPeriod = (rate: number): string => count1.format(spread.eventsPerPeriod * rate);
  const period = spread.budget.per === 'day' ? 'a day' : 'in 100,000 lines';
  const basis = spread.budget.per === 'day' ? `${count1.format(spread.eventsPerPeriod)} lines a day` : '100,000 lines';
  const quiet =
    spread.eventsPerPeriod * achieved.expected < spread.budget.alerts / 2 && score <= -Math.log10(mostAlerting) + 1e-9
      ? ` The log is quiet: the budget would allow ${count1.format(spread.budget.alerts)}, but no more than one line in a hundred alerts.`
      : '';
  const carried = achieved.isMeasured
    ? ` ${count.format(calibrationEvents)} events were held back to calibrate: with ${count.format(100 * confidence)} % confidence it is ${inPeriod(achieved.low)} to ${inPeriod(achieved.high)}.`
    : ` It rests on a fitted tail: ${count.format(calibrationEvents)} events were held back to calibrate, ${count.format(achieved.needed)} would measure it. With ${count.format(100 * confidence)} % confidence it is fewer than ${inPeriod(achieved.high)}.`;
  return `About ${inPeriod(achieved.expected)} false alerts ${period} while the log stays as it was, at ${basis}.${quiet}${carried}`;
}

/** The furthest that verdicts may move a threshold from its budget, in -log10 p: a factor of two in alerts. */
const furthestReach = Math.log10(2);
/** So many verdicts on unlike alerts let it go half of that way. */
const halfWayVerdicts = 20;

/**
 * How far so many verdicts may move the threshold from what the budget asks for, in -log10 p. A handful says little of the rest of the queue:
 * without this, three of them took a third of it away.
 */
export function reachOfVerdicts(count: number): number {
  return furthestReach * (count / (count + halfWayVerdicts));
}
