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
