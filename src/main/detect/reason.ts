/**
 * @file In one sentence why an event surprised: what the detector with the smallest p-value looks at, and nothing that it does not. The sentences
 * are ours and hold no text of the log.
 */
import type { DetectorId } from '../../shared/detectors.ts';
import type { ReasonKind } from '../../shared/alerts.ts';
import type { UnusualPlace } from './detectors/whoWhere.ts';
import { lineSeverities } from '../../shared/lines.ts';

/** A known kind rarer than one in so many training events is rare wherever it comes. */
const rareShare = 1e-4;

/** What is known of the event besides who voted. */
export type Surprising = { detector: DetectorId; isEnd: boolean; isUnseen: boolean; trainingShare: number };

/** Of detectors that see one thing alone. */
const reasons: Partial<Record<DetectorId, ReasonKind>> = {
  ngram: 'sequence',
  new_pair: 'pair',
  key_mean: 'stretch',
  count_vector: 'counts',
  isolation: 'mix',
  text: 'text',
  trigram: 'wording',
  line_shape: 'shape',
  misfit: 'misfit',
  clock: 'clock',
  volume: 'volume',
  silence: 'silence',
  who_where: 'who_where',
  after_failures: 'after_failures',
  travel: 'travel',
  labelled: 'labelled',
};

export function reasonOf({ detector, isEnd, isUnseen, trainingShare }: Surprising): ReasonKind {
  const own = reasons[detector];
  if (own) return own;
  if (isEnd) return 'end';
  if (isUnseen) return 'unseen';
  return trainingShare < rareShare ? 'rare' : 'order';
}

/** `severity` is an index into lineSeverities, -1 where the line says none. */
export function titleOf(reason: ReasonKind, severity: number, surprisingEvents: number): string {
  const level = severity >= 3 ? lineSeverities[severity] : undefined;
  const line = level ? `${capital(level)} line` : 'Line';
  return withMore(sentenceOf(reason, line), surprisingEvents);
}

const placeTitles: Record<UnusualPlace['of'], string> = {
  kind_hour: 'Kind of line at an hour that is not its own',
  user_hour: 'User at an hour that is not theirs',
  network: 'User from a network that they never came from',
  host: 'User on a host that they were never on',
  user: 'User who was never seen in training',
};

/** Of `who_where`, once it is known what of the event it is. */
export function placeTitleOf({ of }: Pick<UnusualPlace, 'of'>, surprisingEvents: number): string {
  return withMore(placeTitles[of], surprisingEvents);
}

function withMore(sentence: string, surprisingEvents: number): string {
  return `${sentence}${surprisingEvents > 1 ? `, and ${surprisingEvents - 1} more that surprised` : ''}`;
}

function sentenceOf(reason: ReasonKind, line: string): string {
  switch (reason) {
    case 'unseen':
      return `${line} of a kind never seen in training`;
    case 'rare':
      return `${line} of a kind that training saw hardly ever`;
    case 'order':
      return 'Known kind of line where others were expected';
    case 'end':
      return 'Session ended where sessions go on';
    case 'sequence':
      return 'Events in an order that training hardly had';
    case 'pair':
      return 'Two kinds of line in a row that never were in training';
    case 'stretch':
      return 'Stretch of events that surprise more than usual, taken together';
    case 'counts':
      return 'Session with other numbers of each kind of line than any in training';
    case 'mix':
      return 'Stretch of events of an unusual mixture';
    case 'text':
      return `${line} whose text is unlike that of training`;
    case 'wording':
      return `${line} with pieces of text that training did not have`;
    case 'shape':
      return `${line} of unusual length or make-up`;
    case 'misfit':
      return 'Line that does not fit the format of its log';
    case 'clock':
      return `${line} whose time does not go on from those before it`;
    case 'volume':
      return 'More lines than usual in a short time';
    case 'silence':
      return `${line} after a longer silence than usual`;
    case 'who_where':
      return `${line} at an hour, from a network or on a host that is unusual for it or its user`;
    case 'after_failures':
      return 'Login that worked after failed ones';
    case 'travel':
      return 'Same user from networks too far apart for the time between';
    case 'labelled':
      return 'Events in a row like those of confirmed threats';
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
