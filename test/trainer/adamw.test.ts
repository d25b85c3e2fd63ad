/** @file AdamW on a few numbers, against torch.optim.AdamW and against what the docstring promises. */
import { expect, test } from 'vitest';
import { adamwDefaults, adamwStep, type AdamwState } from '../../trainer/train/adamw.ts';
import { golden } from './golden.ts';

const { start, learningRate, weightDecay, steps } = golden.vector;
const ranges = [
  { offset: 0, size: 2, decays: true },
  { offset: 2, size: 2, decays: false },
];

function stateOf(values: readonly number[]): AdamwState {
  const size = values.length;
  return {
    parameters: Float32Array.from(values),
    firstMoment: new Float32Array(size),
    secondMoment: new Float32Array(size),
  };
}

test('steps equal torch (bias correction off by one, epsilon inside the root, decay through the moments)', () => {
  const state = stateOf(start);
  const options = { ...adamwDefaults, weightDecay };
  for (const [index, { gradient, parameters }] of steps.entries()) {
    adamwStep(state, Float32Array.from(gradient), ranges, index + 1, learningRate, options);
    parameters.forEach((expected, i) => expect(state.parameters[i]).toBeCloseTo(expected, 5));
  }
});

test('a gradient longer than the limit is scaled to it as a whole (clipping each element would turn it)', () => {
  const [clipped, scaled] = [stateOf(start), stateOf(start)];
  expect(adamwStep(clipped, Float32Array.of(3, 0, -4, 0), ranges, 1, 0.1)).toBeCloseTo(5, 6);
  adamwStep(scaled, Float32Array.of(0.6, 0, -0.8, 0), ranges, 1, 0.1);
  scaled.secondMoment.forEach((value, i) => expect(clipped.secondMoment[i]).toBeCloseTo(value, 7));
  expect([...clipped.parameters]).toEqual([...scaled.parameters]);
});

test('a gradient that is not finite changes nothing (one overflow would make every weight NaN for good)', () => {
  const state = stateOf(start);
  expect(adamwStep(state, Float32Array.of(1, NaN, 0, 0), ranges, 1, 0.1)).toBeNaN();
  expect(adamwStep(state, Float32Array.of(1, Infinity, 0, 0), ranges, 1, 0.1)).toBe(Infinity);
  expect([...state.parameters]).toEqual(start);
  expect([...state.firstMoment, ...state.secondMoment].every((value) => value === 0)).toBe(true);
});
