/** @file An alert in one sentence of how unusual it is: a scale of five, by its p-value against the threshold and against what calibration held. */

/** `score` and `threshold` are -log10 p; `calibrationEvents`: how many were held back. */
export function readingOf(score: number, threshold: number, calibrationEvents: number): string {
  const over = score - threshold;
  if (over < 0) return 'Within what this log usually does: it lies below the threshold now in force.';
  if (calibrationEvents > 0 && score > Math.log10(calibrationEvents + 1) + 1)
    return 'Nothing held back to calibrate came near it.';
  if (over < 0.5) return 'Slightly unusual: just over the threshold.';
  if (over < 1.25) return `Unusual: ${timesRarer(over)} times rarer than the threshold asks.`;
  return `A clear deviation: ${timesRarer(over)} times rarer than the threshold asks.`;
}

function timesRarer(over: number): string {
  const times = 10 ** over;
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 2 }).format(times);
}
