/** @file AdamW on a few numbers, against torch.optim.AdamW and against what the docstring promises. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { adamwDefaults, adamwStep, type AdamwState } from '../../trainer/train/adamw.ts';

type Golden = {
  vector: {
    start: number[];
    learningRate: number;
    weightDecay: number;
    steps: { gradient: number[]; parameters: number[] }[];
  };
};

const golden = (JSON.parse(readFileSync(new URL('fixtures/gpt2-golden.json', import.meta.url), 'utf8')) as Golden)
  .vector;
const ranges = [
  { offset: 0, size: 2, decays: true },
  { offset: 2, size: 2, decays: false },
];

function stateOf(start: readonly number[]): AdamwState {
  const size = start.length;
  return {
    parameters: Float32Array.from(start),
    firstMoment: new Float32Array(size),
    secondMoment: new Float32Array(size),
  };
}

test('steps equal torch (bias correction off by one, epsilon inside the root, decay through the moments)', () => {
  const state = stateOf(golden.start);
  const options = { ...adamwDefaults, weightDecay: golden.weightDecay };
  for (const [index, { gradient, parameters }] of golden.steps.entries()) {
    adamwStep(state, Float32Array.from(gradient), ranges, index + 1, golden.learningRate, options);
    parameters.forEach((expected, i) => expect(state.parameters[i]).toBeCloseTo(expected, 5));
  }
});

test('a gradient longer than the limit is scaled to it as a whole (clipping each element would turn it)', () => {
  const [clipped, scaled] = [stateOf(golden.start), stateOf(golden.start)];
  expect(adamwStep(clipped, Float32Array.of(3, 0, -4, 0), ranges, 1, 0.1)).toBeCloseTo(5, 6);
  adamwStep(scaled, Float32Array.of(0.6, 0, -0.8, 0), ranges, 1, 0.1);
  scaled.secondMoment.forEach((value, i) => expect(clipped.secondMoment[i]).toBeCloseTo(value, 7));
  expect([...clipped.parameters]).toEqual([...scaled.parameters]);
});

test('a gradient that is not finite changes nothing (one overflow would make every weight NaN for good)', () => {
  const state = stateOf(golden.start);
  expect(adamwStep(state, Float32Array.of(1, NaN, 0, 0), ranges, 1, 0.1)).toBeNaN();
  expect(adamwStep(state, Float32Array.of(1, Infinity, 0, 0), ranges, 1, 0.1)).toBe(Infinity);
  expect([...state.parameters]).toEqual(golden.start);
  expect([...state.firstMoment, ...state.secondMoment].every((value) => value === 0)).toBe(true);
});
