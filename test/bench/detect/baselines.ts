/** @file Ways of detecting that are not the product's, as published or as anybody would begin: one score a session, larger is more unusual. */
import { NgramCounter, Ngrams } from '../../../src/main/detect/kneserNey.ts';
import { keyTokens } from '../../../src/shared/sequences.ts';
import { BackOff } from './backOff.ts';
import { largestRanksOf, type KeyModel } from './keyModel.ts';
import { fitComponents, residual } from './pca.ts';
import type { Prepared, Scored } from './prepared.ts';

export type Scores = ArrayLike<number>;
export type ScoreSessions = (sessions: readonly Scored[]) => Scores | Promise<Scores>;

const words =
  /fail|error|exception|denied|refused|invalid|unable|cannot|timed? ?out|fatal|panic|corrupt|interrupt|unexpected|attack|break-in/i;

/** Lines with a word that sounds like trouble. */
export const keywords: ScoreSessions = (sessions) =>
  sessions.map(({ session }) => session.lines.filter((line) => words.test(line)).length);

export function backOff({ vocabularySize, learned, tokens }: Prepared, order: number): ScoreSessions {
  const model = new BackOff(order, vocabularySize, learned.map(tokens));
  return (sessions) => sessions.map(({ view }) => model.largestBits(view.ids));
}

/**
 * The mean of the key model's bits and of those of n-grams (Kneser-Ney of order 5), which is a product of two experts (Hinton 2002) with equal parts, not
 * brought to a sum of 1. Tried on HDFS's moved events with two trainings: mixtures of their probabilities lose what both find, since the surer of
 * the two always wins: recall at 1 % 0.59 to 0.73, of the mean 0.69 and 0.74, of the key model alone 0.69 and 0.76.
 */
export function keyAndNgrams({ training, vocabularySize }: Prepared): ScoreSessions {
  const counter = new NgramCounter(vocabularySize);
  for (const { ids, hasBegin, hasEnd } of training)
    counter.add([...(hasBegin ? [keyTokens.begin] : []), ...ids, ...(hasEnd ? [keyTokens.end] : [])], 1);
  const ngrams = new Ngrams(counter.finish());
  return (sessions) =>
    sessions.map(({ view: { ids, bits } }) =>
      bits.reduce((most, own, i) => (i === 0 ? most : Math.max(most, (own + ngrams.bits(ids, i)) / 2)), 0),
    );
}

/** Most strings of three characters that no line of training had, in one line. Digits are one character. */
export function unseenTrigrams({ learned }: Prepared): ScoreSessions {
  const known = new Set<string>();
  const done = new Set<string>();
  for (const { lines } of learned)
    for (const line of lines) visitTrigrams(line, done, (trigram) => void known.add(trigram));
  const counts = new Map<string, number>();
  const count = (line: string): number => {
    const text = line.replaceAll(/\d+/g, '0');
    const before = counts.get(text);
    if (before !== undefined) return before;
    let unseen = 0;
    for (let i = 0; i + 3 <= text.length; i++) if (!known.has(text.slice(i, i + 3))) unseen++;
    counts.set(text, unseen);
    return unseen;
  };
  return (sessions) =>
    sessions.map(({ session }) => session.lines.reduce((most, line) => Math.max(most, count(line)), 0));
}

function visitTrigrams(line: string, done: Set<string>, visit: (trigram: string) => void): void {
  const text = line.replaceAll(/\d+/g, '0');
  if (done.has(text)) return;
  done.add(text);
  for (let i = 0; i + 3 <= text.length; i++) visit(text.slice(i, i + 3));
}

/** More kinds share places. */
const mostPlaces = 128;

export function principalComponents({ learned, tokens, vocabularySize }: Prepared): ScoreSessions {
  const width = Math.min(mostPlaces, vocabularySize);
  const vectorOf = (ids: ArrayLike<number>): Float64Array => {
    const vector = new Float64Array(width);
    for (let i = 0; i < ids.length; i++) vector[(ids[i] ?? 0) % width] = (vector[(ids[i] ?? 0) % width] ?? 0) + 1;
    return vector;
  };
  const components = fitComponents(learned.map((session) => vectorOf(tokens(session))));
  return (sessions) => sessions.map(({ view }) => residual(components, vectorOf(view.ids)));
}

/** The largest rank of any event, the session's end included: 0 where each was the most probable. */
export function largestRank(model: KeyModel): ScoreSessions {
  return (sessions) =>
    largestRanksOf(
      model,
      sessions.map(({ view }) => view.ids),
    );
}

export const meanBits: ScoreSessions = (sessions) =>
  sessions.map(({ view }) => view.bits.reduce((sum, bits) => sum + bits, 0) / Math.max(1, view.bits.length - 1));

export const largestBits: ScoreSessions = (sessions) =>
  sessions.map(({ view }) => view.bits.reduce((most, bits) => Math.max(most, bits), 0));
