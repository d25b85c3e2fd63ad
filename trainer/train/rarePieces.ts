/**
 * @file What a model of normal life hardly learns from. A log that is learned from holds attacks that nobody marked, and a model that has seen a
 * dozen copies of one finds it usual. What is rare in normal life is rare either in its order or in what it is made of, seldom in both; where both
 * are rare, a piece counts little. What recurs often enough is normal, whatever it is: a flood of attacks is not found this way.
 *
 * A pure function of the data: nothing of it is in a checkpoint, and it takes one pass.
 */
import type { DownWeight } from '../../src/shared/trainerProtocol.ts';
import type { PieceSet } from './pieces.ts';

type Parts = { training: PieceSet; validation: PieceSet };

/** Both with less weight on what is rare in them together; as they are where that is more than `mostShare` of all. */
export function downWeightRare(parts: Parts, { rareShare, mostShare, weight }: DownWeight): Parts {
  const both = [parts.training, parts.validation];
  const support = new Support();
  for (const pieces of both) support.add(pieces);
  const isRare = both.map((pieces) => support.rareOf(pieces, rareShare * support.pieces));
  const rare = both.reduce(
    (sum, { counts }, part) => counts.reduce((own, count, piece) => own + (isRare[part]?.[piece] ? count : 0), sum),
    0,
  );
  // Where so much is unlike the rest, being unlike it means nothing.
  if (rare === 0 || rare > mostShare * support.pieces) return parts;
  const [training, validation] = both.map((pieces, part) => weighed(pieces, isRare[part] ?? [], weight));
  return training && validation ? { training, validation } : parts;
}

/** How many pieces have each pair of neighbours, and each bag of tokens. */
class Support {
  pieces = 0;
  readonly #ofPair = new Map<number, number>();
  readonly #ofBag = new Map<string, number>();

  add(pieces: PieceSet): void {
    pieces.counts.forEach((count, piece) => {
      this.pieces += count;
      const bag = bagOf(pieces, piece);
      this.#ofBag.set(bag, (this.#ofBag.get(bag) ?? 0) + count);
      for (const pair of pairsOf(pieces, piece)) this.#ofPair.set(pair, (this.#ofPair.get(pair) ?? 0) + count);
    });
  }

  /** Of each piece whether it has a pair, and is a bag, that fewer than `least` have. */
  rareOf(pieces: PieceSet, least: number): boolean[] {
    return Array.from(pieces.counts, (_, piece) => {
      if ((this.#ofBag.get(bagOf(pieces, piece)) ?? 0) >= least) return false;
      for (const pair of pairsOf(pieces, piece)) if ((this.#ofPair.get(pair) ?? 0) < least) return true;
      return false;
    });
  }
}

function bagOf({ ids, offsets }: PieceSet, piece: number): string {
  return String.fromCharCode(...ids.slice(offsets[piece], offsets[piece + 1]).sort());
}

/** Once each. No vocabulary has more than 65,536 tokens. */
function pairsOf({ ids, offsets }: PieceSet, piece: number): Set<number> {
  const pairs = new Set<number>();
  for (let i = (offsets[piece] ?? 0) + 1; i < (offsets[piece + 1] ?? 0); i++) {
    pairs.add((ids[i - 1] ?? 0) * 2 ** 16 + (ids[i] ?? 0));
  }
  return pairs;
}

function weighed(pieces: PieceSet, isRare: readonly boolean[], weight: number): PieceSet {
  const targetWeights = pieces.targetWeights?.slice() ?? new Float32Array(pieces.ids.length).fill(1);
  isRare.forEach((rare, piece) => {
    const [start = 0, end = 0] = [pieces.offsets[piece], pieces.offsets[piece + 1]];
    if (!rare) return;
    for (let i = start; i < end; i++) targetWeights[i] = weight * (targetWeights[i] ?? 1);
  });
  return { ...pieces, targetWeights };
}
