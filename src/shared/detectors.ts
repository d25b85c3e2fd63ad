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
  'labelled',
] as const;
export type DetectorId = (typeof detectorIds)[number];

/** One detector's part in an alert. */
export type Vote = {
  detector: DetectorId;
  /** -log10 of its own p-value. */
  score: number;
};

/** What each is called where alerts are read. */
export const detectorNames: Record<DetectorId, string> = {
  key: 'Order of events',
  key_rank: 'Rare for its kind',
  key_mean: 'Session as a whole',
  ngram: 'Short sequences',
  new_kind: 'New kind of line',
  new_pair: 'New pair of lines',
  count_vector: 'Event counts',
  isolation: 'Isolation forest',
  text: 'Wording of the line',
  trigram: 'Unknown characters',
  line_shape: 'Shape of the line',
  misfit: 'Format',
  clock: 'Time stamps',
  volume: 'Volume',
  silence: 'Silence',
  who_where: 'Value for this user',
  after_failures: 'Success after failures',
  travel: 'Impossible travel',
  labelled: 'Like confirmed threats',
};
