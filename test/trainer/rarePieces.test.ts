import { expect, test } from 'vitest';
import { keyModelRecipe } from '../../src/shared/recipes.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { cutPieces, type PieceSet } from '../../trainer/train/pieces.ts';
import { downWeightRare } from '../../trainer/train/rarePieces.ts';

const options = { rareShare: 0.03, mostShare: 0.1, weight: 0.25 };
const usual = [1, 4, 5, 6, 7, 2];
/** The same events in another order. */
const reordered = [1, 4, 6, 5, 7, 2];
/** Usual neighbours, cut off: its counts are rare, and so is its end. */
const attack = [1, 4, 5, 2];
/** Usual pairs, more of them. */
const longer = [1, 4, 5, 6, 7, 4, 5, 6, 7, 2];

function piecesOf(sequences: readonly number[][]): PieceSet {
  return cutPieces(packSequences(sequences), 64, 16);
}

/** Weight of each piece's targets, by its tokens. */
function weightsOf({ ids, offsets, targetWeights }: PieceSet): Record<string, number> {
  return Object.fromEntries(
    Array.from({ length: offsets.length - 1 }, (_, piece) => [
      ids.slice(offsets[piece], offsets[piece + 1]).join(' '),
      targetWeights?.[offsets[piece] ?? 0] ?? 1,
    ]),
  );
}

function repeat(sequence: number[], times: number): number[][] {
  return Array.from({ length: times }, () => sequence);
}

// Bug: what is rare in its order alone, or in its counts alone, is taken for an attack, and the model forgets the rare things of normal life.
test('only what is rare in order and in counts weighs less', () => {
  const training = piecesOf([
    ...repeat(usual, 60),
    ...repeat([1, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 2], 20),
    reordered,
    longer,
    attack,
  ]);
  const weighed = downWeightRare({ training, validation: piecesOf(repeat(usual, 10)) }, options);
  expect(weightsOf(weighed.training)).toEqual({
    [usual.join(' ')]: 1,
    '1 4 5 6 7 4 5 6 7 4 5 6 7 2': 1,
    [reordered.join(' ')]: 1,
    [longer.join(' ')]: 1,
    [attack.join(' ')]: 0.25,
  });
});

// Bug: a log in which no two sessions are alike loses most of what it has to learn from.
test('where much is rare, nothing weighs less', () => {
  const parts = {
    training: piecesOf([...repeat(usual, 60), ...repeat(attack, 1), [1, 7, 7, 2], [1, 9, 2]]),
    validation: piecesOf([]),
  };
  expect(downWeightRare(parts, { ...options, mostShare: 0.02 })).toBe(parts);
  expect(downWeightRare(parts, options)).not.toBe(parts);
});

// Bug: attacks that validation alone has decide when training stops, or copies in both parts are counted apart and pass for usual.
test('support is that of both parts, and both are weighed', () => {
  const parts = {
    training: piecesOf([...repeat(usual, 80), attack]),
    validation: piecesOf([...repeat(usual, 15), attack]),
  };
  const { training, validation } = downWeightRare(parts, options);
  expect([weightsOf(training)[attack.join(' ')], weightsOf(validation)[attack.join(' ')]]).toEqual([0.25, 0.25]);
  const more = { ...parts, validation: piecesOf([...repeat(usual, 15), ...repeat(attack, 3)]) };
  expect(weightsOf(downWeightRare(more, options).training)[attack.join(' ')]).toBe(1);
});

// Bug: weights that tokens had of their own are lost.
test('what targets weigh already stays', () => {
  const sequences = packSequences([...repeat(usual, 60), attack]);
  const weights = new Float32Array(sequences.ids.length).fill(0.5);
  const training = cutPieces(sequences, 64, 16, weights);
  const weighed = downWeightRare({ training, validation: piecesOf([]) }, options).training;
  expect(weightsOf(weighed)).toEqual({ [usual.join(' ')]: 0.5, [attack.join(' ')]: 0.125 });
  expect(weightsOf(training)[attack.join(' ')]).toBe(0.5);
});

// Bug: learning goes on without it, and a dozen copies of an attack are normal.
test('key models are trained with it', () => {
  expect(keyModelRecipe.downWeight).not.toBeNull();
});
