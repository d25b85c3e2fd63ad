/** @file Trains one named model on random tokens for some seconds and tells main its tokens per second and peak memory. */
import { availableParallelism } from 'node:os';
import { loraParameters } from '../../trainer/gpt2/lora.ts';
import { gpt2Parameters } from '../../trainer/gpt2/spec.ts';
import { adamwDefaults } from '../../trainer/train/adamw.ts';
import { CpuBackend } from '../../trainer/train/cpuBackend.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { createState } from '../../trainer/train/state.ts';
import { trainBenchModels, type TrainBenchName } from './trainModels.ts';

const measuredMs = 5000;
const [leastSteps, warmUpSteps] = [5, 2];

const model = trainBenchModels[process.argv[2] as TrainBenchName];
const { shape, B, T } = model;
const lora = 'lora' in model ? model.lora : undefined;
const random = createRandom(1);
const frozen = lora && createState(gpt2Parameters(shape), random).parameters;
const specs = lora ? loraParameters(shape, lora) : gpt2Parameters(shape);
const state = createState(specs, random, frozen && { specs: gpt2Parameters(shape), parameters: frozen });
const backend = await CpuBackend.create({
  shape,
  specs,
  state,
  adamw: adamwDefaults,
  batchTokens: B * T,
  intraOpThreads: availableParallelism(),
  withDropout: false,
  lora,
  frozen,
});
const token = (_: unknown, i: number): bigint =>
  BigInt(4 + Math.floor(random.uniform(1, i) * (shape.vocabularySize - 4)));
const batch = { B, T, entries: Int32Array.from({ length: B }, (_, i) => i) };
const arrays = {
  ids: BigInt64Array.from({ length: B * T }, token),
  targets: BigInt64Array.from({ length: B * T }, token),
  weights: new Float32Array(B * T).fill(1 / (B * T)),
  inputs: {},
};
const stepsMs: number[] = [];
const startMs = performance.now();
for (let step = 1; step <= leastSteps + warmUpSteps || performance.now() - startMs < measuredMs; step++) {
  const stepStartMs = performance.now();
  await backend.step({
    batches: [batch],
    fill: () => arrays,
    step,
    learningRate: 1e-4,
    between: () => Promise.resolve(),
  });
  if (step > warmUpSteps) stepsMs.push(performance.now() - stepStartMs);
}
await backend.release();
const median = stepsMs.sort((a, b) => a - b)[Math.floor(stepsMs.length / 2)] ?? NaN;
// Windows counts in other units in other tools, but Node in kilobytes everywhere.
const peakMb = process.resourceUsage().maxRSS / 1024;
process.send?.({ tokensPerSecond: (B * T * 1000) / median, peakMb }, undefined, undefined, () => process.exit(0));
