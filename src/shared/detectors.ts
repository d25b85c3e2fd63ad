/** @file The detectors by name: each looks for one way of being unusual, and has p-values of its own. Names are kept with alerts: only append. */

export const detectorIds = [
  'key',
  'key_rank',
  'key_mean',
  'ngram',
  'new_kind',
  'new_pair',
  'count_vector',
  'isolation',
  'text',
  'trigram',
  'line_shape',
  'misfit',
  'clock',
  'volume',
  'silence',
  'who_where',
  'after_failures',
  'travel',
] as const;
export type DetectorId = (typeof detectorIds)[number];

/** One detector's part in an alert. */
export type Vote = {
  detector: DetectorId;
  /** -log10 of its own p-value. */
  score: number;
};
