/** @file The gradient graph against torch in float64: loss, every gradient, and twenty optimiser steps. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { gpt2Parameters } from '../../trainer/gpt2/spec.ts';
import { adamwDefaults, adamwStep } from '../../trainer/train/adamw.ts';
import type { BatchArrays } from '../../trainer/train/batches.ts';
import { LossRunner } from '../../trainer/train/losses.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { createState, type TrainState } from '../../trainer/train/state.ts';

type Golden = {
  shape: KeyModelShape;
  ids: number[][];
  targets: number[][];
  weights: number[][];
  loss: number;
  gradients: Record<string, number[]>;
  adamw: { learningRate: number; weightDecay: number; losses: number[]; norms: number[] };
};

const golden = JSON.parse(readFileSync(new URL('fixtures/gpt2-golden.json', import.meta.url), 'utf8')) as Golden;
const specs = gpt2Parameters(golden.shape);
const [B, T] = [2, 6];

/** The formula of make_golden.py. */
function goldenState(): TrainState {
  const state = createState(specs, createRandom(1));
  for (const { name, offset, size } of specs) {
    const gain = name.includes('ln_') && name.endsWith('weight') ? 1 : 0;
    for (let i = offset; i < offset + size; i++) state.parameters[i] = gain + 0.2 * Math.sin(i * 1.37);
  }
  return state;
}

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
    expect(Math.abs(loss / expected - 1), `loss at step ${index + 1}`).toBeLessThan(1e-4);
    expect(Math.abs(norm / (norms[index] ?? NaN) - 1), `gradient norm at step ${index + 1}`).toBeLessThan(1e-3);
  }
  await runner.release();
});
