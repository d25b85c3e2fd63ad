import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitPrior,
  bitsAt,
  calibrationOf,
  fitCalibration,
  minusLog10P,
  rankedScores,
  type Calibration,
  type JoinedScores,
} from '../../src/main/detect/calibration.ts';
import { Random } from '../../src/shared/random.ts';

const scoresOf = (numbers: number[]): Float64Array => Float64Array.from(numbers);
const bits = fc.double({ min: 0, max: 60, noNaN: true });

/** Of all scores put in order together, and gone through one by one. */
function plainCalibration(scores: readonly number[], { scores: others, from, rows }: JoinedScores): Calibration {
  const above = others.filter((score) => score >= from);
  const sorted = [...scores, ...above].sort((a, b) => b - a);
  const atLeast = (least: number): number => sorted.filter((score) => score >= least).length;
  const count = scores.length + Math.max(rows, above.length);
  const known = atLeast(from);
  const rank = (index: number): number =>
    index <= known ? index : known + ((index - known) * (count - known)) / (sorted.length - known);
  const kept: { score: number; rank: number }[] = [];
  let next = 0;
  for (const [index, score] of sorted.entries()) {
    if (score === sorted[index + 1] || index < next) continue;
    kept.push({ score, rank: rank(index + 1) });
    next = index + 1 + Math.floor((index + 1) / 500);
  }
  const { tail } = fitCalibration(scoresOf(sorted));
  return {
    scores: kept.map(({ score }) => score),
    ranks: kept.map((one) => one.rank),
    ...{ count, tail: { ...tail, startProbability: (rank(atLeast(tail.startBits)) + 1) / (count + 1) } },
  };
}

describe('calibration', () => {
  it('is with what joins as if all were put in order together (a score left out at a seam; ties that are torn apart)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 4000 }),
        fc.constantFrom(1, 30, 1e9),
        fc.integer({ min: 0, max: 60 }),
        (seed, count, distinct, othersCount) => {
          const random = new Random(seed);
          const draw = (): number => Math.floor(-Math.log(random.share()) * distinct) / distinct;
          const scores = Array.from({ length: count }, draw);
          const others = Array.from({ length: othersCount }, () => draw() + 1);
          const joined = { scores: others, from: draw() + 1, rows: Math.floor(random.share() * 5000) };
          const found = calibrationOf(rankedScores(scoresOf(scores).sort().reverse()), bitPrior, joined);
          const plain = plainCalibration(scores, joined);
          expect(found.scores).toEqual(plain.scores);
          expect(found.count).toBe(plain.count);
          for (const [index, rank] of plain.ranks.entries()) expect(found.ranks[index]).toBeCloseTo(rank, 9);
          for (const key of ['startBits', 'startProbability', 'scale', 'shape'] as const)
            expect(found.tail[key]).toBeCloseTo(plain.tail[key], 9);
        },
      ),
      { seed: 4, numRuns: 60 },
    );
  });

  it('never gives a more surprising event a larger p-value (a row would rank below one it should precede)', () => {
    fc.assert(
      fc.property(fc.array(bits, { minLength: 1, maxLength: 400 }), bits, bits, (scores, a, b) => {
        const calibration = fitCalibration(scoresOf(scores));
        const [low, high] = a < b ? [a, b] : [b, a];
        return minusLog10P(calibration, high) >= minusLog10P(calibration, low) - 1e-12;
      }),
      { seed: 1 },
    );
  });

  it('keeps falling beyond the largest calibration score (all far scores would tie)', () => {
    fc.assert(
      fc.property(
        fc.array(bits, { minLength: 1, maxLength: 400 }),
        fc.double({ min: 0.01, max: 50, noNaN: true }),
        (scores, step) => {
          const calibration = fitCalibration(scoresOf(scores));
          const largest = Math.max(...scores);
          return minusLog10P(calibration, largest + step) > minusLog10P(calibration, largest);
        },
      ),
      { seed: 2 },
    );
  });

  it('is a valid conformal p-value at the calibration scores themselves', () => {
    const scores = Array.from({ length: 999 }, (_unused, index) => index / 50);
    const calibration = fitCalibration(scoresOf(scores));
    for (const rank of [10, 50, 100, 500, 900]) {
      const value = scores.at(-rank) ?? 0;
      expect(10 ** -minusLog10P(calibration, value)).toBeCloseTo((rank + 1) / 1000, 3);
    }
  });

  it('holds the false-alarm rate on fresh normal scores, within the range and on the tail', () => {
    // Exponential surprise; a linear congruential generator keeps the test repeatable.
    let state = 12345;
    const draw = (): number => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return -3 * Math.log((state + 1) / 2 ** 31);
    };
    const calibration = fitCalibration(scoresOf(Array.from({ length: 5000 }, draw)));
    const fresh = Array.from({ length: 200_000 }, draw);
    for (const alpha of [0.05, 0.01, 0.001]) {
      const rate = fresh.filter((score) => minusLog10P(calibration, score) >= -Math.log10(alpha)).length / fresh.length;
      expect(rate / alpha).toBeGreaterThan(0.5);
      expect(rate / alpha).toBeLessThan(2);
    }
  });

  it('finds the bits at which a threshold lies', () => {
    const calibration = fitCalibration(scoresOf(Array.from({ length: 300 }, (_unused, index) => Math.sqrt(index))));
    for (const score of [0.5, 2, 4, 8])
      expect(minusLog10P(calibration, bitsAt(calibration, score))).toBeCloseTo(score, 6);
  });

  it('says that nothing was held back instead of calibrating on nothing', () => {
    expect(() => fitCalibration(new Float64Array())).toThrow(/held-back/);
  });
});
