/** @file Kinds of line that training never or hardly ever saw, the more surprising the fewer such kinds there were. Silent of kinds that are usual. */
import type { SessionDetector } from '../detector.ts';
import { IntegerMap } from '../integerMap.ts';
import { stretchEvents } from '../detector.ts';
import { rarityBits, SupportCounter } from '../support.ts';

/** Less is no news: more than one stretch in sixteen has it. */
const leastBits = 4;

/** `counts[i]`: stretches that had `kinds[i]`. `news`: kinds that one stretch had. */
export type KindSupport = { kinds: number[]; counts: number[]; news: number; stretches: number };

export const newKind: SessionDetector<KindSupport> = {
  kind: 'session',
  id: 'new_kind',
  needsKeyModel: false,
  fit: (sessions, { isWhole }) => {
    const support = new SupportCounter();
    for (const { kinds } of sessions) {
      for (let i = 0; i < kinds.length; i++) {
        if (i === 0 || (!isWhole && i % stretchEvents === 0)) support.beginStretch();
        support.add(kinds[i] ?? 0);
      }
    }
    const entries = [...support.counts.entries()].sort(([a], [b]) => a - b);
    return {
      kinds: entries.map(([kind]) => kind),
      counts: entries.map(([, count]) => count),
      news: entries.filter(([, count]) => count === 1).length,
      stretches: support.stretches,
    };
  },
  open: ({ kinds, counts, news, stretches }) => {
    const bitsOf = new IntegerMap(kinds.length);
    kinds.forEach((kind, i) => bitsOf.set(kind, rarityBits(counts[i] ?? 0, news, stretches)));
    const unseen = rarityBits(0, news, stretches);
    return {
      begin: () => ({
        score: ({ kinds: own, count }, scores) => {
          for (let i = 0; i < count; i++) {
            const known = bitsOf.get(own[i] ?? 0);
            const bits = known < 0 ? unseen : known;
            if (bits >= leastBits) scores[i] = bits;
          }
        },
      }),
    };
  },
};
