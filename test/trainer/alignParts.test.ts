/** @file What training by reward is made of: losses and scores against central differences, who is kept, the hold on the reference. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decisionRewards } from '../../src/shared/decisions.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { chooseLabelled } from '../../trainer/align/replay.ts';
import { scoreSequence } from '../../trainer/align/scores.ts';
import { expectedRewardLoss, ktoLoss, rewardOf } from '../../trainer/align/verdictLoss.ts';
import { buildReferenceGraph } from '../../trainer/gpt2/alignGraphs.ts';
import { gpt2Parameters } from '../../trainer/gpt2/spec.ts';
import { Observer } from '../../trainer/align/observer.ts';
import { LossRunner } from '../../trainer/train/losses.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { createState, tensorsByName } from '../../trainer/train/state.ts';
import { randomParameters, tinyShape } from './models.ts';

const step = 1e-5;
const [threshold, temperature, rewards] = [1, 0.3, decisionRewards];
/** Not where the loss of a decision that is right ends, 4 temperatures from the threshold. */
const scores = fc.double({ min: -2, max: 4, noNaN: true }).filter((s) => Math.abs(Math.abs(s - 1) - 1.2) > 0.01);

test('the slope of each loss is its own, and never points the wrong way', () => {
  fc.assert(
    fc.property(scores, fc.boolean(), fc.double({ min: -1, max: 1, noNaN: true }), (score, isThreat, other) => {
      const options = { referenceScore: 1 + other, replayRatio: 0.1, temperature, rewards };
      for (const loss of [
        (s: number) => expectedRewardLoss(s, isThreat, { threshold, temperature, rewards }),
        (s: number) => ktoLoss(s, isThreat, options),
      ]) {
        const difference = (loss(score + step).value - loss(score - step).value) / (2 * step);
        expect(loss(score).slope).toBeCloseTo(difference, 4);
        expect(isThreat ? -loss(score).slope : loss(score).slope).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

const lossAt = (score: number, isThreat: boolean): { value: number; slope: number } =>
  expectedRewardLoss(score, isThreat, { threshold, temperature, rewards });

test('far on the wrong side the slope stays, far on the right side it is nothing (threats that no verdict can move)', () => {
  // Log-loss goes on with the slope that the sigmoid has two temperatures out.
  const kept = 1 - 1 / (1 + Math.exp(-2));
  expect(lossAt(threshold - 30 * temperature, true).slope).toBeCloseTo((-2 * kept) / temperature, 6);
  expect(lossAt(threshold + 30 * temperature, false).slope).toBeCloseTo((0.6 * kept) / temperature, 6);
  expect(lossAt(threshold + 5 * temperature, true)).toEqual({ value: 0, slope: 0 });
  expect(lossAt(threshold - 5 * temperature, false)).toEqual({ value: 0, slope: 0 });
});

test('log-loss goes on from the value and the slope of the sigmoid, and no wrong decision is pulled less than near there', () => {
  for (const isThreat of [true, false]) {
    const join = threshold + (isThreat ? -2 : 2) * temperature;
    const [before, after] = [lossAt(join - 1e-9, isThreat), lossAt(join + 1e-9, isThreat)];
    expect(before.value).toBeCloseTo(after.value, 6);
    expect(before.slope).toBeCloseTo(after.slope, 6);
    const pulls = Array.from({ length: 200 }, (_, i) =>
      Math.abs(lossAt(threshold + ((isThreat ? -1 : 1) * i * temperature) / 10, isThreat).slope),
    );
    expect(Math.min(...pulls) / Math.max(...pulls)).toBeGreaterThan(0.4);
    const settled = threshold + (isThreat ? 4 : -4) * temperature;
    expect(lossAt(settled, isThreat).value).toBeCloseTo(0, 6);
  }
});

test('the four rewards', () => {
  const cells = [
    rewardOf(2, true, 1, rewards),
    rewardOf(0, false, 1, rewards),
    rewardOf(1, false, 1, rewards),
    rewardOf(0, true, 1, rewards),
  ];
  expect(cells).toEqual([10, 1, -5, -10]);
});

test('a score lies between mean and maximum, and its shares are its slope', () => {
  const surprises = fc.array(fc.float({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(surprises, fc.constantFrom('mean' as const, 'smooth_max' as const), (list, kind) => {
      const values = Float32Array.from(list);
      const { score, shares } = scoreSequence(values, kind);
      const mean = list.reduce((a, b) => a + b, 0) / list.length;
      expect(score).toBeGreaterThanOrEqual(mean - 1e-4);
      expect(score).toBeLessThanOrEqual(Math.max(...list) + 1e-4);
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      const width = 2 ** -6;
      values.forEach((value, i) => {
        const moved = (change: number): number => scoreSequence(values.with(i, value + change), kind).score;
        expect((moved(width) - moved(-width)) / (2 * width)).toBeCloseTo(shares[i] ?? NaN, 2);
      });
    }),
  );
});

test('a thousand verdicts at most, both classes, the newest of a sequence (one class crowding out the other, a verdict that was changed)', () => {
  const items = fc.array(fc.record({ id: fc.integer({ min: 0, max: 3000 }), isThreat: fc.boolean() }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(items, fc.integer({ min: 0, max: 2500 }), (drawn, harmless) => {
      const all = [...Array.from({ length: harmless }, (_, id) => ({ id: 5000 + id, isThreat: false })), ...drawn];
      const labelled = packSequences(all.map(({ id }) => [1, id, 2]));
      const chosen = chooseLabelled({ labelled, isThreat: all.map(({ isThreat }) => isThreat) });
      const last = new Map(all.map(({ id, isThreat }) => [id, isThreat]));
      expect(chosen.length).toBe(Math.min(1000, last.size));
      expect(new Set(chosen.map(({ ids }) => ids[1])).size).toBe(chosen.length);
      for (const { ids, isThreat } of chosen) expect(last.get(ids[1] ?? -1)).toBe(isThreat);
      expect(chosen.filter(({ isThreat }) => isThreat).length).toBe([...last.values()].filter(Boolean).length);
    }),
    { numRuns: 30 },
  );
});

const batch = { B: 1, T: 4, entries: Int32Array.of(0) };
const arrays = {
  ids: BigInt64Array.from([1, 4, 5, 6], BigInt),
  targets: BigInt64Array.from([4, 5, 6, 2], BigInt),
  weights: Float32Array.of(0.5, -0.25, 0, 0.1),
};

test('gradients of the hold on the reference agree with central differences, and vanish at the reference itself', async () => {
  const specs = gpt2Parameters(tinyShape);
  const state = createState(specs, createRandom(1));
  state.parameters.set(randomParameters(tinyShape, 3));
  const observer = await Observer.create(tinyShape, 8, 1);
  const saidBy = (parameters: Float32Array): ReturnType<Observer['probabilities']> =>
    observer.probabilities(tensorsByName(specs, parameters), batch, arrays.ids);
  const options = { batchTokens: 8, intraOpThreads: 1 };
  const runner = await LossRunner.of(buildReferenceGraph(tinyShape), tinyShape, state, options);
  const closeness = { dims: [1, 4], data: Float32Array.of(0.3, 0.2, 0, 0.4) };
  const own = await saidBy(state.parameters);
  await runner.run(batch, { ...arrays, weights: new Float32Array(4), inputs: { reference: own, closeness } });
  expect(state.gradients.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeLessThan(1e-5);
  const reference = await saidBy(randomParameters(tinyShape, 8));
  const inputs = { reference, closeness };
  const lossAt = (index: number, change: number): Promise<number> => {
    const before = state.parameters[index] ?? NaN;
    state.parameters[index] = before + change;
    return runner.run(batch, { ...arrays, inputs }).finally(() => (state.parameters[index] = before));
  };
  await lossAt(0, 0);
  const gradients = state.gradients.slice();
  const largest = gradients.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const { name, offset, size } of specs) {
    for (const index of [offset, offset + Math.floor(size / 2)]) {
      const difference = ((await lossAt(index, 4e-3)) - (await lossAt(index, -4e-3))) / 8e-3;
      expect(Math.abs(difference - (gradients[index] ?? NaN)) / largest, name).toBeLessThan(2e-3);
    }
  }
  await runner.release();
  await observer.release();
});
