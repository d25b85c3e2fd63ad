/**
 * @file Kinds of line behind one that they never or hardly ever followed, the session's begin and end included: the more surprising the fewer kinds
 * follow it. Silent of pairs that are usual.
 */
import { keyTokens } from '../../../shared/sequences.ts';
import { stretchEvents, type SessionDetector } from '../detector.ts';
import { IntegerMap } from '../integerMap.ts';
import { rarityBits, SupportCounter } from '../support.ts';

/** Less is no news: more than one stretch in sixteen has it. */
const leastBits = 4;
/** The best known are kept: a log of everything would make a model of everything. */
const mostPairs = 200_000;

/** Of each kind that something followed: the stretches that had it, how many kinds followed it, and those with their stretches. */
export type PairSupport = {
  vocabularySize: number;
  before: [id: number, stretches: number, followers: number][];
  pairs: [key: number, stretches: number][];
};

export const newPair: SessionDetector<PairSupport> = {
  kind: 'session',
  id: 'new_pair',
  needsKeyModel: false,
  fit: (sessions, { isWhole, vocabularySize }) => {
    const before = new SupportCounter();
    const pairs = new SupportCounter();
    for (const { ids, hasBegin, hasEnd } of sessions) {
      const count = ids.length + (hasEnd ? 1 : 0);
      for (let i = 0; i < count; i++) {
        if (i === 0 || (!isWhole && i % stretchEvents === 0)) {
          before.beginStretch();
          pairs.beginStretch();
        }
        if (i === 0 && !hasBegin) continue;
        const previous = i === 0 ? keyTokens.begin : (ids[i - 1] ?? 0);
        before.add(previous);
        pairs.add(previous * vocabularySize + (ids[i] ?? keyTokens.end));
      }
    }
    const followers = new IntegerMap();
    for (const [key] of pairs.counts.entries()) followers.add(Math.floor(key / vocabularySize), 1);
    const kept = [...pairs.counts.entries()].sort(([a, one], [b, other]) => other - one || a - b).slice(0, mostPairs);
    return {
      vocabularySize,
      before: [...before.counts.entries()].map(([id, stretches]) => [id, stretches, followers.get(id)]),
      pairs: kept,
    };
  },
  open: ({ vocabularySize, before, pairs }) => {
    const stretchesOf = new IntegerMap(before.length);
    const followersOf = new IntegerMap(before.length);
    for (const [id, stretches, followers] of before) {
      stretchesOf.set(id, stretches);
      followersOf.set(id, followers);
    }
    const supportOf = new IntegerMap(pairs.length);
    for (const [key, stretches] of pairs) supportOf.set(key, stretches);
    const bitsOf = (previous: number, id: number): number => {
      const stretches = stretchesOf.get(previous);
      if (stretches < 0) return NaN; // nothing is known of what follows it
      const support = Math.max(0, supportOf.get(previous * vocabularySize + id));
      const bits = rarityBits(support, followersOf.get(previous), stretches);
      return bits >= leastBits ? bits : NaN;
    };
    return {
      begin: () => ({
        score: ({ ids, first, count, hasEnd }, scores) => {
          const pairs = count + (hasEnd && count > 0 ? 1 : 0);
          for (let i = 0; i < pairs; i++) {
            if (first + i === 0) continue; // what came before was cut off
            const bits = bitsOf(ids[first + i - 1] ?? 0, ids[first + i] ?? 0);
            const place = Math.min(i, count - 1);
            if (bits > (scores[place] ?? NaN) || Number.isNaN(scores[place])) scores[place] = bits;
          }
        },
      }),
    };
  },
};
