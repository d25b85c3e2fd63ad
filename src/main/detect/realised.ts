/** @file What came of the share of alerts that was asked for in one run, and what would have come of a log in which nothing is wrong. */
import type { RealisedShare } from '../../shared/thresholds.ts';
import { alarmsExpected, confidence } from './achieved.ts';

const per = 100_000;
const whole = new Intl.NumberFormat('en');
const rough = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

/** `score`: -log10 p of the threshold; `over` of `rows` rows reached it. `isRule`: a preset's rule, which no more than that share can break. */
export function realisedShare(
  { score, calibrationEvents, isRule }: { score: number; calibrationEvents: number; isRule: boolean },
  { over, rows }: { over: number; rows: number },
): RealisedShare {
  const asked = per * 10 ** -score;
  const raised = rows === 0 ? 0 : (per * over) / rows;
  const { low, high } = alarmsExpected(score, calibrationEvents, rows);
  const least = isRule ? 0 : low;
  const expected = least === high ? whole.format(high) : `${whole.format(least)} to ${whole.format(high)}`;
  return {
    ...{ over, rows, raised, asked, low: least, high },
    text: `${whole.format(over)} of ${whole.format(rows)} lie above the threshold, ${rough.format(raised)} in 100,000; asked for ${isRule ? 'were at most' : 'were'} ${rough.format(asked)}. If nothing in it were wrong it would be ${expected}, with ${whole.format(100 * confidence)} % confidence.`,
  };
}
