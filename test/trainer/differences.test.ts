/** @file The gradient graph against central differences of its own loss, with everything on that the torch vectors do not have. */
import { expect, test } from 'vitest';
import { gpt2Parameters } from '../../trainer/gpt2/spec.ts';
import { dropoutSites } from '../../trainer/gpt2/dropoutSites.ts';
import { dropoutMasks } from '../../trainer/train/dropout.ts';
import { adamwDefaults } from '../../trainer/train/adamw.ts';
import { CpuBackend } from '../../trainer/train/cpuBackend.ts';
import { LossRunner } from '../../trainer/train/losses.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { createState } from '../../trainer/train/state.ts';
import { randomParameters } from './models.ts';

const shape = { layers: 1, heads: 2, width: 8, contextLength: 6, vocabularySize: 10 };
const specs = gpt2Parameters(shape);
const batch = { B: 2, T: 4, entries: Int32Array.of(0, 1) };
const arrays = {
  ids: BigInt64Array.from([1, 4, 5, 6, 1, 7, 7, 0], BigInt),
  targets: BigInt64Array.from([4, 5, 6, 2, 7, 7, 9, 0], BigInt),
  weights: Float32Array.of(0.5, 0.25, 1, 0.1, 0.3, 0, 0.2, 0),
};
const options = { withGradients: true, withDropout: true, batchTokens: 8, intraOpThreads: 1 };

test('gradients with dropout are those of the loss with the same masks (a mask on one way only)', async () => {
  const state = createState(specs, createRandom(1));
  state.parameters.set(randomParameters(shape, 3));
  const inputs = dropoutMasks(dropoutSites(shape), batch, 0.3, createRandom(9), 1);
  const runner = await LossRunner.create(shape, state, options);
  const lossAt = (index: number, change: number): Promise<number> => {
    const before = state.parameters[index] ?? NaN;
    state.parameters[index] = before + change;
    return runner.run(batch, { ...arrays, inputs }).finally(() => (state.parameters[index] = before));
  };
  await lossAt(0, 0);
  const gradients = state.gradients.slice();
  const largest = gradients.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const { name, offset, size } of specs) {
    for (const index of [offset, offset + Math.floor(size / 2), offset + size - 1]) {
      const step = 4e-3;
      const difference = ((await lossAt(index, step)) - (await lossAt(index, -step))) / (2 * step);
      expect(Math.abs(difference - (gradients[index] ?? NaN)) / largest, `${name} ${index - offset}`).toBeLessThan(
        2e-3,
      );
    }
  }
  await runner.release();
});

test('a step of several micro-batches is the step of all of them at once (a gradient overwritten, or averaged)', async () => {
  const row = (r: number): typeof arrays => ({
    ids: arrays.ids.slice(4 * r, 4 * r + 4),
    targets: arrays.targets.slice(4 * r, 4 * r + 4),
    weights: arrays.weights.slice(4 * r, 4 * r + 4),
  });
  const rows = [0, 1].map((r) => ({ B: 1, T: 4, entries: Int32Array.of(r) }));
  // With a usual epsilon Adam makes steps out of the rounding where the gradient is nothing but that.
  const adamw = { ...adamwDefaults, epsilon: 1e-3 };
  const parameters: Float32Array[] = [];
  for (const split of [false, true]) {
    const state = createState(specs, createRandom(1));
    const backend = await CpuBackend.create({
      ...options,
      withDropout: false,
      shape,
      specs,
      state,
      adamw,
    });
    for (let step = 1; step <= 5; step++) {
      await backend.step({
        batches: split ? rows : [batch],
        fill: (_, index) => ({ ...(split ? row(index) : arrays), inputs: {} }),
        step,
        learningRate: 0.01,
        between: () => Promise.resolve(),
      });
    }
    await backend.release();
    parameters.push(state.parameters);
  }
  const [whole, split] = parameters;
  const start = createState(specs, createRandom(1)).parameters;
  const worst = whole?.reduce((most, value, i) => Math.max(most, Math.abs(value - (split?.[i] ?? NaN))), 0);
  expect(worst).toBeLessThan(1e-5);
  expect(whole?.some((value, i) => Math.abs(value - (start[i] ?? NaN)) > 0.02)).toBe(true);
});
