/** @file The stored torch results of fixtures/make_golden.py and the parameters that they belong to. */
import { readFileSync } from 'node:fs';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';
import { gpt2Parameters } from '../../trainer/gpt2/spec.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { createState, type TrainState } from '../../trainer/train/state.ts';

type Golden = {
  shape: KeyModelShape;
  ids: number[][];
  targets: number[][];
  weights: number[][];
  loss: number;
  logProbability: number[];
  gradients: Record<string, number[]>;
  adamw: { learningRate: number; weightDecay: number; losses: number[]; norms: number[] };
  vector: {
    start: number[];
    learningRate: number;
    weightDecay: number;
    steps: { gradient: number[]; parameters: number[] }[];
  };
};

export const golden = JSON.parse(readFileSync(new URL('fixtures/gpt2-golden.json', import.meta.url), 'utf8')) as Golden;

/** The formula of make_golden.py. */
export function goldenState(): TrainState {
  const specs = gpt2Parameters(golden.shape);
  const state = createState(specs, createRandom(1));
  for (const { name, offset, size } of specs) {
    const gain = name.includes('ln_') && name.endsWith('weight') ? 1 : 0;
    for (let i = offset; i < offset + size; i++) state.parameters[i] = gain + 0.2 * Math.sin(i * 1.37);
  }
  return state;
}
