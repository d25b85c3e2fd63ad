/**
 * @file How often an event of a kind that was never met is to be expected, and how often training lets one be `unseen`: what a key model was taught
 * is what its surprise is corrected from.
 */

/** `unseen` must be a trained target, however well known a log is, and rare kinds must still be learnt as themselves. */
const taughtShares = { least: 1e-4, most: 0.01 };

/** Share of events, from the counts of the kinds that were met: as often as there are kinds that were met once (Good and Turing), at least one of all. */
export function newsShare(counts: ArrayLike<number>): number {
  let once = 0;
  let events = 0;
  for (let kind = 0; kind < counts.length; kind++) {
    const count = counts[kind] ?? 0;
    if (count === 1) once++;
    events += count;
  }
  return (once + 1) / (events + 1);
}

/**
 * Share of events that become `unseen` in training: as large as news is rare, as far as it can be taught. Measured on HDFS, where no kind came once:
 * at 0.01 `unseen` was expected so often that it surprised no more than rare normal kinds, recall at 1 % was 0.89 and 0.63 (two seeds), at 0.0001
 * it was 1.00 and 0.75.
 */
export function taughtNewsShare(counts: ArrayLike<number>): number {
  return Math.min(taughtShares.most, Math.max(taughtShares.least, newsShare(counts)));
}
