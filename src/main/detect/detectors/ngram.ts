/** @file Surprise of each event by the four before it, counted, no model trained; of a session's last event, the larger of it and the session's end. */
import { keyTokens } from '../../../shared/sequences.ts';
import type { SessionDetector } from '../detector.ts';
import { NgramCounter, Ngrams, type NgramCounts } from '../kneserNey.ts';

export const ngram: SessionDetector<NgramCounts> = {
  kind: 'session',
  id: 'ngram',
  needsKeyModel: false,
  fit: (sessions, { vocabularySize }) => {
    const counter = new NgramCounter(vocabularySize);
    for (const { ids, hasBegin, hasEnd } of sessions) {
      const sequence = [...(hasBegin ? [keyTokens.begin] : []), ...ids, ...(hasEnd ? [keyTokens.end] : [])];
      counter.add(sequence, 1);
    }
    return counter.finish();
  },
  open: (state) => {
    const ngrams = new Ngrams(state);
    return {
      begin: () => ({
        score: ({ ids, first, count, hasEnd }, scores) => {
          for (let i = 0; i < count; i++) scores[i] = ngrams.bits(ids, first + i);
          if (hasEnd && count > 0)
            scores[count - 1] = Math.max(scores[count - 1] ?? 0, ngrams.bits(ids, first + count));
        },
      }),
    };
  },
};
