/**
 * @file How unusual the key model's surprise of an event is among events of the same kind: a kind that always surprises says nothing when it does
 * so again. In bits, -log2 of the share of the kind's events that surprised as much.
 */
import { keyTokens } from '../../../shared/sequences.ts';
import type { SessionDetector, SessionPartView } from '../detector.ts';

/** A kind with fewer events is judged among all of them. */
const leastEvents = 20;
/** Ranks that are kept are this much apart from one another. */
const rankStep = 1.25;

/** Largest first: `bits[i]` is the `ranks[i]`-th of `count`. */
type Ranked = { bits: number[]; ranks: number[]; count: number };
export type KeyRanks = { pooled: Ranked; kinds: [tokenId: number, ranked: Ranked][] };

export const keyRank: SessionDetector<KeyRanks> = {
  kind: 'session',
  id: 'key_rank',
  needsKeyModel: true,
  fit: (_sessions, { scored }) => {
    const ofKinds = new Map<number, number[]>();
    const all: number[] = [];
    for (const part of scored) {
      const end = part.count + (part.hasEnd ? 1 : 0);
      for (let i = 0; i < end; i++) {
        const [id, bits] = [part.ids[part.first + i] ?? keyTokens.unseen, part.bits[part.first + i] ?? 0];
        const own = ofKinds.get(id);
        if (own) own.push(bits);
        else ofKinds.set(id, [bits]);
        all.push(bits);
      }
    }
    const kinds = [...ofKinds].filter(([, bits]) => bits.length >= leastEvents).sort(([a], [b]) => a - b);
    return { pooled: rank(all), kinds: kinds.map(([id, bits]) => [id, rank(bits)]) };
  },
  open: ({ pooled, kinds }) => {
    const ofKind = new Map(kinds);
    const score = (part: SessionPartView, i: number): number =>
      rarity(ofKind.get(part.ids[part.first + i] ?? keyTokens.unseen) ?? pooled, part.bits[part.first + i] ?? 0);
    return {
      begin: () => ({
        score: (part, scores) => {
          for (let i = 0; i < part.count; i++) scores[i] = score(part, i);
          const last = part.count - 1;
          if (part.hasEnd && last >= 0) scores[last] = Math.max(scores[last] ?? 0, score(part, part.count));
        },
      }),
    };
  },
};

function rank(values: readonly number[]): Ranked {
  const sorted = Float64Array.from(values, rounded).sort().reverse();
  const ranked: Ranked = { bits: [], ranks: [], count: sorted.length };
  let next = 1;
  for (let i = 0; i < sorted.length; i++) {
    // Of equal ones the last: a share counts those that surprised as much.
    if (sorted[i] === sorted[i + 1] || i + 1 < next) continue;
    ranked.bits.push(sorted[i] ?? 0);
    ranked.ranks.push(i + 1);
    next = Math.max(i + 2, Math.ceil((i + 1) * rankStep));
  }
  return ranked;
}

/** What differs by less is the same: a kind that is always certain would be unusual in the sixth place. */
function rounded(bits: number): number {
  return Math.round(bits * 100) / 100;
}

/** Between two ranks interpolated; beyond the largest it rises as surprise does. */
function rarity({ bits, ranks, count }: Ranked, value: number): number {
  const wanted = rounded(value);
  const shareBits = (rank: number): number => Math.log2((count + 1) / (rank + 1));
  let low = 0;
  let high = bits.length; // first place whose bits are below `wanted`
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bits[middle] ?? 0) >= wanted) low = middle + 1;
    else high = middle;
  }
  const largest = bits[0] ?? 0;
  if (low === 0) return shareBits(0) + wanted - largest;
  const [above, aboveBits] = [bits[low - 1] ?? 0, shareBits(ranks[low - 1] ?? 0)];
  const [below, belowBits] = low < bits.length ? [bits[low] ?? 0, shareBits(ranks[low] ?? 0)] : [0, 0];
  return above > below ? belowBits + ((wanted - below) / (above - below)) * (aboveBits - belowBits) : aboveBits;
}
