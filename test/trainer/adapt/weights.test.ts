/** @file What verdicts do to the detectors' weights. Catches a weight that is moved by who did not vote, that is no part any more, or that one label swings. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DetectorId } from '../../../src/shared/detectors.ts';
import { learnWeights, type WeightLabel } from '../../../trainer/adapt/weights.ts';

const own = [
  { id: 'key', weight: 0.5 },
  { id: 'text', weight: 0.3 },
  { id: 'volume', weight: 0.2 },
] as const;
const weightsAfter = (labels: readonly WeightLabel[]): Record<DetectorId, number> =>
  (learnWeights(own, labels) ?? Object.fromEntries(own.map(({ id, weight }) => [id, weight]))) as Record<
    DetectorId,
    number
  >;
const label = (detector: DetectorId, isThreat: boolean, score = 5): WeightLabel => ({
  votes: [{ detector, score }],
  isThreat,
  from: 3,
});
const times = <T>(count: number, of: T): T[] => Array.from({ length: count }, () => of);

const anyLabel = fc.record({
  votes: fc.uniqueArray(
    fc.record({
      detector: fc.constantFrom('key', 'text', 'volume', 'clock'),
      score: fc.double({ min: 1, max: 400, noNaN: true }),
    }),
    {
      selector: ({ detector }) => detector,
    },
  ),
  isThreat: fc.boolean(),
  from: fc.double({ min: 0, max: 8, noNaN: true }),
}) as fc.Arbitrary<WeightLabel>;

/** Pair by pair, with all detectors of each label, as the loss is defined. */
function plainWeights(labels: readonly WeightLabel[]): { weights: number[]; moved: number } {
  const ratiosOf = (isThreat: boolean): number[][] =>
    labels
      .filter((one) => one.isThreat === isThreat)
      .slice(-200)
      .map(({ votes, from }) =>
        own.map(
          ({ id }) => 10 ** Math.min((votes.find(({ detector }) => detector === id)?.score ?? -Infinity) - from, 300),
        ),
      )
      .filter((ratios) => ratios.some((ratio) => ratio > 0));
  const [threats, harmless] = [ratiosOf(true), ratiosOf(false)];
  let weights: number[] = own.map(({ weight }) => weight);
  let change = own.map(() => 0);
  const count = threats.length + harmless.length;
  for (let step = 0; step < 50; step++) {
    const oddsOf = (ratios: readonly number[]): number =>
      ratios.reduce((sum, ratio, place) => sum + ratio * (weights[place] ?? 0), 0);
    const gradient = own.map(() => 0);
    /** By how much the loss of a pair falls with the logarithms of the odds of what should rank above, and rises with those of the other. */
    const pair = (above: readonly number[] | null, below: readonly number[] | null, times: number): void => {
      const [up, down] = [above ? oddsOf(above) : 1, below ? oddsOf(below) : 1];
      const error = (times * down) / (up + down) / ((threats.length + 20) * (harmless.length + 20));
      for (const place of own.keys()) {
        const part = (ratios: readonly number[] | null, odds: number): number =>
          ratios ? ((ratios[place] ?? 0) * (weights[place] ?? 0)) / odds : 0;
        gradient[place] = (gradient[place] ?? 0) + error * (part(below, down) - part(above, up));
      }
    };
    for (const above of threats) {
      pair(above, null, 20);
      for (const below of harmless) pair(above, below, 1);
    }
    for (const below of harmless) pair(null, below, 20);
    change = change.map((one, place) =>
      Math.min(
        Math.log(2),
        Math.max(-Math.log(16), (one - 4 * (gradient[place] ?? 0)) / (1 + 4 * 0.002 * (1 + 400 / count))),
      ),
    );
    const raw = own.map(({ weight }, place) => weight * Math.exp(change[place] ?? 0));
    weights = raw.map((weight) => weight / raw.reduce((sum, one) => sum + one, 0));
  }
  return {
    weights,
    moved: Math.max(...own.map(({ weight }, place) => Math.abs(Math.log((weights[place] ?? 0) / weight)))),
  };
}

test('weights are those of the loss taken pair by pair (a class that is cut, a detector that is passed over)', () => {
  fc.assert(
    fc.property(fc.array(anyLabel, { maxLength: 60 }), fc.constantFrom(1, 40), (some, repeats) => {
      const labels = Array.from({ length: repeats }, () => some).flat();
      const { weights, moved } = plainWeights(labels);
      const learned = learnWeights(own, labels);
      if (Math.abs(moved - 0.02) > 1e-6) expect(learned === null).toBe(moved < 0.02);
      for (const [place, { id }] of own.entries())
        if (learned) expect(Math.log((learned[id] ?? 0) / (weights[place] ?? 0))).toBeCloseTo(0, 9);
    }),
    { numRuns: 40 },
  );
});

test('whatever the verdicts, weights are parts of one, and none is silenced', () => {
  fc.assert(
    fc.property(fc.array(anyLabel, { maxLength: 200 }), (labels) => {
      const weights = Object.values(weightsAfter(labels));
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
      for (const weight of weights) expect(weight).toBeGreaterThan(0.2 / 300);
    }),
  );
});

test('no verdict, or none that says anything of detectors, leaves the model’s own', () => {
  expect(learnWeights(own, [])).toBeNull();
  expect(learnWeights(own, times(50, { votes: [], isThreat: false, from: 3 }))).toBeNull();
});

test('a false alarm lowers who voted for it, a threat raises; the others keep their proportions', () => {
  const [lowered, raised] = [
    weightsAfter(times(5, label('volume', false))),
    weightsAfter(times(5, label('volume', true, 3.5))),
  ];
  expect(lowered.volume).toBeLessThan(0.2);
  expect(raised.volume).toBeGreaterThan(0.2);
  for (const { key, text } of [lowered, raised]) expect(key / text).toBeCloseTo(5 / 3, 1);
});

test('one verdict moves a weight by less than a tenth, fifty blind it to less than a quarter (a label that swings; deafness)', () => {
  expect(weightsAfter([label('volume', false)]).volume / 0.2).toBeGreaterThan(0.9);
  expect(weightsAfter(times(50, label('volume', false))).volume / 0.2).toBeLessThan(0.25);
});

test('threats that alert by far and false alarms far below are judged rightly, and teach next to nothing', () => {
  expect(learnWeights(own, times(100, label('key', true, 12)))).toBeNull();
  expect(weightsAfter(times(100, label('key', false, 1))).key / 0.5).toBeGreaterThan(0.8);
});

test('what threats have and false alarms have not is learned though every threat alerts by far (a loss that is saturated)', () => {
  const threat = {
    ...label('text', true, 7),
    votes: [
      { detector: 'key', score: 7 },
      { detector: 'text', score: 7 },
    ],
  } as const;
  const { key, text } = weightsAfter([...times(20, threat), ...times(20, label('key', false, 7))]);
  expect(text / key).toBeGreaterThan(2 * (0.3 / 0.5));
});

test('a verdict taken back leaves no trace', () => {
  fc.assert(
    fc.property(fc.array(anyLabel, { maxLength: 40 }), anyLabel, (labels, wrong) => {
      const before = learnWeights(own, labels);
      learnWeights(own, [...labels, wrong]);
      expect(learnWeights(own, labels)).toEqual(before);
    }),
  );
});
