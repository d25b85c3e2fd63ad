/**
 * @file What a model of normal life does not learn from. A log that is learned from holds attacks that nobody marked, and a model that has seen a
 * dozen copies of one finds it usual. What is rare in normal life is rare either in its order or in what it is made of, seldom in both; where both
 * are rare, a piece is set aside. What recurs often enough is normal, whatever it is: a flood of attacks is not found this way.
 *
 * A pure function of the data: nothing of it is in a checkpoint, and it takes one pass.
 */
import type { SetAside } from '../../src/shared/trainerProtocol.ts';
import type { PieceSet } from './pieces.ts';

type Parts = { training: PieceSet; validation: PieceSet };

/** Both without what is rare in them together; as they are where that would be more than may go, or all. */
export function setRareAside(parts: Parts, { rareShare, mostShare }: SetAside): Parts {
  const support = new Support();
  support.add(parts.training);
  support.add(parts.validation);
  const least = rareShare * support.pieces;
  const isRare = [parts.training, parts.validation].map((pieces) => support.rareOf(pieces, least));
  const rare = [parts.training, parts.validation].reduce(
    (sum, { counts }, part) => counts.reduce((own, count, piece) => own + (isRare[part]?.[piece] ? count : 0), sum),
    0,
  );
  // Where so much is unlike the rest, being unlike it means nothing.
  if (rare === 0 || rare > mostShare * support.pieces) return parts;
  const training = without(parts.training, isRare[0] ?? []);
  return training.predictions === 0 ? parts : { training, validation: without(parts.validation, isRare[1] ?? []) };
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

function without(pieces: PieceSet, isRare: readonly boolean[]): PieceSet {
  const kept = [...pieces.counts.keys()].filter((piece) => !isRare[piece]);
  const offsets = new Int32Array(kept.length + 1);
  let predictions = 0;
  kept.forEach((piece, index) => {
    const length = (pieces.offsets[piece + 1] ?? 0) - (pieces.offsets[piece] ?? 0);
    offsets[index + 1] = (offsets[index] ?? 0) + length;
    predictions += (length - 1) * (pieces.counts[piece] ?? 0);
  });
  const ids = new Int32Array(offsets[kept.length] ?? 0);
  const targetWeights = pieces.targetWeights && new Float32Array(ids.length);
  kept.forEach((piece, index) => {
    const [start, end] = [pieces.offsets[piece], pieces.offsets[piece + 1]];
    ids.set(pieces.ids.subarray(start, end), offsets[index]);
    if (pieces.targetWeights) targetWeights?.set(pieces.targetWeights.subarray(start, end), offsets[index]);
  });
  return {
    ids,
    offsets,
    counts: Int32Array.from(kept, (piece) => pieces.counts[piece] ?? 0),
    predictions,
    targetWeights,
  };
}
