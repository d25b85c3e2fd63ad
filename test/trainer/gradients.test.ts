/** @file The gradient graph against torch in float64: loss, every gradient, and twenty optimiser steps. */
import { expect, test } from 'vitest';
import { gpt2Parameters } from '../../trainer/gpt2/spec.ts';
import { adamwDefaults, adamwStep } from '../../trainer/train/adamw.ts';
import type { BatchArrays } from '../../trainer/train/batches.ts';
import { LossRunner } from '../../trainer/train/losses.ts';
import { golden, goldenState } from './golden.ts';

const specs = gpt2Parameters(golden.shape);
const [B, T] = [2, 6];
const batch = { B, T, entries: Int32Array.of(0, 1) };
const arrays: BatchArrays = {
  ids: BigInt64Array.from(golden.ids.flat(), BigInt),
  targets: BigInt64Array.from(golden.targets.flat(), BigInt),
  weights: Float32Array.from(golden.weights.flat()),
};
const options = { withGradients: true, batchTokens: B * T, intraOpThreads: 1 };

test('every gradient agrees with torch (a wrong sign, factor or missing path in any VJP)', async () => {
  const state = goldenState();
  const runner = await LossRunner.create(golden.shape, state, options);
  const loss = await runner.run(batch, arrays);
  await runner.release();
  expect(loss).toBeCloseTo(golden.loss, 5);
  for (const { name, offset, size } of specs) {
    const expected = golden.gradients[name] ?? [];
    const largest = Math.max(...expected.map(Math.abs));
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - (state.gradients[offset + i] ?? NaN))));
    expect(expected.length, name).toBe(size);
    expect(worst / largest, `${name}: largest difference over largest gradient`).toBeLessThan(5e-6);
  }
});

test('twenty clipped AdamW steps follow torch (state fed or fetched through a copy, decay on a vector, clip after decay)', async () => {
  const state = goldenState();
  const runner = await LossRunner.create(golden.shape, state, options);
  const { learningRate, weightDecay, losses, norms } = golden.adamw;
  for (const [index, expected] of losses.entries()) {
    const loss = await runner.run(batch, arrays);
    const norm = adamwStep(state, state.gradients, specs, index + 1, learningRate, { ...adamwDefaults, weightDecay });
    expect(Math.abs(loss / expected - 1), `loss at step ${index + 1}`).toBeLessThan(1e-6);
    expect(Math.abs(norm / (norms[index] ?? NaN) - 1), `gradient norm at step ${index + 1}`).toBeLessThan(1e-5);
  }
  await runner.release();
});
