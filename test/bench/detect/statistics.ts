/** @file What a ranking of labelled sessions is worth: average precision, recall at a calibrated threshold, the best F1, and where a realised rate may lie. */

export type Judged = { score: number; isThreat: boolean };

/** Mean precision at each threat found, largest score first; equal scores are found together. NaN without threats. */
export function averagePrecision(rows: readonly Judged[]): number {
  let [sum, found, seen] = [0, 0, 0];
  for (const { threats, count } of descending(rows)) {
    seen += count;
    found += threats;
    sum += threats * (found / seen);
  }
  return sum / found;
}

/** The largest F1 of any threshold: chosen with the labels, for reference only. */
export function bestF1(rows: readonly Judged[]): number {
  const all = rows.filter(({ isThreat }) => isThreat).length;
  let [best, found, seen] = [0, 0, 0];
  for (const { threats, count } of descending(rows)) {
    seen += count;
    found += threats;
    best = Math.max(best, (2 * found) / (seen + all));
  }
  return best;
}

/** Groups of equal scores, the largest first. */
function descending(rows: readonly Judged[]): { threats: number; count: number }[] {
  const sorted = [...rows].sort((a, b) => b.score - a.score);
  const groups: { score: number; threats: number; count: number }[] = [];
  for (const { score, isThreat } of sorted) {
    const last = groups.at(-1);
    if (last?.score === score) {
      last.count++;
      last.threats += Number(isThreat);
    } else groups.push({ score, threats: Number(isThreat), count: 1 });
  }
  return groups;
}

/**
 * The score that, by split conformal, harmless rows exceed at a rate of at most `alpha`: what is above it alerts. Null where so few scores cannot
 * set it.
 */
export function conformalThreshold(calibration: ArrayLike<number>, alpha: number): number | null {
  const sorted = Float64Array.from(calibration, (score) => (Number.isNaN(score) ? -Infinity : score)).sort();
  const rank = Math.floor(alpha * (sorted.length + 1) + 1e-9);
  return rank < 1 ? null : (sorted[sorted.length - rank] ?? null);
}

/** Shares of threats and of harmless rows that alert. */
export function shareOfAlerts(
  alerts: readonly boolean[],
  isThreat: readonly boolean[],
): { recall: number; rate: number } {
  const share = (wanted: boolean): number => {
    const own = alerts.filter((_, i) => isThreat[i] === wanted);
    return own.filter(Boolean).length / own.length;
  };
  return { recall: share(true), rate: share(false) };
}

/**
 * Where, with 95 %, the share of alerts lies among `rows` harmless rows at the `rank`-th largest of `calibrationRows` scores: beta-binomial, as
 * both the threshold and the rows are drawn.
 */
export function rateInterval(rank: number, calibrationRows: number, rows: number): { low: number; high: number } {
  const [a, b] = [rank, calibrationRows + 1 - rank];
  let probability = 1;
  for (let i = 0; i < rows; i++) probability *= (b + i) / (a + b + i);
  let [sum, low] = [0, -1];
  for (let alerts = 0; alerts <= rows; alerts++) {
    sum += probability;
    if (low < 0 && sum > 0.025) low = alerts;
    if (sum >= 0.975) return { low: low / rows, high: alerts / rows };
    probability *= ((rows - alerts) / (alerts + 1)) * ((a + alerts) / (b + rows - alerts - 1));
  }
  return { low: Math.max(0, low) / rows, high: 1 };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of a sample; 0 of a single value. */
export function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
