import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsAt, fitCalibration, minusLog10P } from '../../src/main/detect/calibration.ts';

const scoresOf = (numbers: number[]): Float64Array => Float64Array.from(numbers);
const bits = fc.double({ min: 0, max: 60, noNaN: true });

describe('calibration', () => {
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
