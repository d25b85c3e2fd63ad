/** @file What each detector looks at, in the words of whoever reads alerts. */
import type { DetectorId } from '../../shared/detectors.ts';

export const detectorMeanings: Record<DetectorId, string> = {
  key: 'How little the language model expected this kind of line here',
  key_rank: 'The model is surprised more than it usually is by lines of this kind',
  key_mean: 'The mean surprise over a stretch of the session',
  ngram: 'How rarely the last few kinds of line came in this order',
  new_kind: 'Kinds of line that training never saw',
  new_pair: 'Two kinds of line that never followed one another in training',
  count_vector: 'How far the counts of each kind lie from any session of training',
  isolation: 'How soon random cuts set the counts of this stretch apart',
  text: 'How little the text model expected the line’s own words and values',
  trigram: 'Stretches of characters that training never had',
  line_shape: 'Length, digits, symbols and the like, against lines of this source',
  misfit: 'Lines that do not fit the format of their log',
  clock: 'Times that go backwards or lie in the future',
  volume: 'More lines, or more of one kind, than this time usually has',
  silence: 'Something that comes regularly did not come',
  who_where: 'This user from that network, on that host, at that hour',
  after_failures: 'A login that succeeded behind a row of failures',
  travel: 'One user from networks too far apart for the time between',
  labelled: 'How like those before confirmed threats the last few kinds of line are, by the classifier in use',
};
