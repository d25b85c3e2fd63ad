/** @file Alerts by time for a picture: few bins at round times, over the range where they lie; what is stamped far outside is counted beside it. */
import type { AlertSummary } from '../../shared/alertLists.ts';
import type { Instant } from '../../shared/instant.ts';
import type { SeverityLevel } from '../../shared/alerts.ts';

const hourMs = 3_600_000;
const mostBins = 120;
/** Widths that an axis can be labelled by. */
const binWidthsMs = [1, 5, 10, 30]
  .map((seconds) => seconds * 1000)
  .concat([1, 2, 5, 10, 20, 30].map((minutes) => minutes * 60_000))
  .concat([1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760].map((hours) => hours * hourMs));
/** What lies further outside of the middle eight tenths than they are long, and than a week, is not drawn. */
const middle = [0.1, 0.9] as const;
const leastMarginMs = 168 * hourMs;
const sampleSize = 10_000;

type Bins = [number, number, number, number, number][];
type Range = { first: Instant; last: Instant };

/** `ats`: -MAX_SAFE_INTEGER for a line that tells no time. */
export function histogramOf(
  ats: readonly number[],
  severities: readonly SeverityLevel[],
): Pick<AlertSummary, 'histogram' | 'withoutTime'> {
  const whole = rangeOf(ats, -Number.MAX_SAFE_INTEGER + 1, Infinity);
  if (whole === null) return { histogram: null, withoutTime: ats.length };
  const { first, last } = mainRange(ats, whole);
  const { from, widthMs, count } = binsOver(first, last);
  const bins: Bins = Array.from({ length: count }, () => [0, 0, 0, 0, 0]);
  let [earlier, later, withoutTime] = [0, 0, 0];
  ats.forEach((at, index) => {
    const bin = bins[Math.floor((at - from) / widthMs)];
    const severity = severities[index];
    if (bin && severity) bin[severity - 1] = (bin[severity - 1] ?? 0) + 1;
    else if (at < whole.first) withoutTime++;
    else if (at < from) earlier++;
    else later++;
  });
  return { histogram: { from, widthMs, bins, earlier, later }, withoutTime };
}

/** Few enough bins, at round times. */
export function binsOver(first: Instant, last: Instant): { from: Instant; widthMs: number; count: number } {
  const fits = (width: number): boolean => Math.floor(last / width) - Math.floor(first / width) < mostBins;
  const widthMs = binWidthsMs.find(fits) ?? Math.ceil((last - first + 1) / (mostBins - 1));
  const from = Math.floor(first / widthMs) * widthMs;
  return { from, widthMs, count: Math.floor(last / widthMs) - Math.floor(first / widthMs) + 1 };
}

/** Without the few that are far from all others: a clock that was set wrong must not press the rest into one bar. */
function mainRange(ats: readonly number[], whole: Range): Range {
  const step = Math.ceil(ats.length / sampleSize);
  const sample = Float64Array.from(ats.filter((at, index) => index % step === 0 && at >= whole.first)).sort();
  const [low, high] = middle.map((share) => sample[Math.floor(share * (sample.length - 1))]);
  if (low === undefined || high === undefined) return whole;
  const margin = Math.max(leastMarginMs, high - low);
  return rangeOf(ats, low - margin, high + margin) ?? whole;
}

/** First and last of those within both ends; null where there is none. */
function rangeOf(ats: readonly number[], least: number, most: number): Range | null {
  let [first, last] = [Infinity, -Infinity];
  for (const at of ats) {
    if (at < least || at > most) continue;
    if (at < first) first = at;
    if (at > last) last = at;
  }
  return last === -Infinity ? null : { first, last };
}
