/** @file The gate of the int8 graph: what it lets through, and what it must not. */
import { expect, test } from 'vitest';
import { alertAgreement, judgeGraphs, rankCorrelation, type GateInput } from '../../src/main/detect/graphGate.ts';

/** Bits as a log has them: most events hardly surprise, a few do. */
const bits = Float64Array.from({ length: 4000 }, (_, i) => -Math.log2(1 - ((i * 2654435761) % 4000) / 4000 + 1e-4));
const near = bits.map((value, i) => Math.abs(value + 0.005 * Math.sin(i)));

function input(int8: Float64Array, changes: Partial<GateInput> = {}): GateInput {
  const both = { f32: bits, int8 };
  const modelBits = { f32: Float32Array.from(bits), int8: Float32Array.from(int8) };
  return { modelBits, alerting: both, events: both, timesAsFast: 2, width: 256, budgetScore: 3, ...changes };
}

test('lets a graph through that differs by rounding, with its figures', () => {
  const { isUsed, reason, figures } = judgeGraphs(input(near));
  expect({ isUsed, reason }).toEqual({ isUsed: true, reason: null });
  expect(figures).toMatchObject({ events: 4000, alertAgreement: 1, tailAgreement: 1, timesAsFast: 2 });
  expect(figures?.rankCorrelation).toBeGreaterThan(0.999);
  expect(figures?.largestDifferenceNat).toBeCloseTo(0.005 * Math.LN2, 4);
});

test.each<[string, GateInput, RegExp]>([
  ['a scale that is wrong', input(bits.map((value, i) => (i % 3 === 0 ? 8 - value / 2 : value))), /ranks/],
  ['one alert that is lost', input(near.map((value, i) => (bits[i] === Math.max(...bits) ? 0 : value))), /alerts/],
  ['one alert that is made up', input(near.map((value, i) => (i === 5 ? 40 : value))), /alerts/],
  ['no gain', input(near, { timesAsFast: 1.2 }), /faster/],
  [
    'a model as narrow as are learned, whatever a busy machine measured',
    input(near, { width: 64, timesAsFast: 9 }),
    /narrow/,
  ],
])('refuses %s', (_what, given, why) => {
  const { isUsed, reason } = judgeGraphs(given);
  expect(isUsed).toBe(false);
  expect(reason).toMatch(why);
});

test('rank correlation is Spearman’s: ties share their rank, growing transformations change nothing', () => {
  expect(rankCorrelation(Float64Array.of(1, 2, 3, 4, 5), Float64Array.of(5, 6, 7, 8, 7))).toBeCloseTo(0.8207826817, 9);
  expect(rankCorrelation(bits, bits.map(Math.sqrt))).toBeCloseTo(1, 12);
  expect(
    rankCorrelation(
      bits,
      bits.map((value) => -value),
    ),
  ).toBeCloseTo(-1, 12);
  expect(rankCorrelation(new Float64Array(3), new Float64Array(3))).toBe(1);
});

test('alerts agree where none is raised, and where one lies a hair on either side of the threshold', () => {
  expect(alertAgreement({ f32: bits, int8: near }, 50)).toBe(1);
  expect(alertAgreement({ f32: bits, int8: near }, 2)).toBe(1);
});
