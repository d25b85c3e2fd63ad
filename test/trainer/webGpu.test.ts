/** @file Training on WebGPU equals training on the CPU, and a provider that fails in the middle is replaced by it. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LoraOptions, TrainInput, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { frozenParameters, loraParameters, setAddedRows } from '../../trainer/gpt2/lora.ts';
import { gpt2Parameters, type NetworkShape } from '../../trainer/gpt2/spec.ts';
import { adamwDefaults } from '../../trainer/train/adamw.ts';
import type { BackendOptions } from '../../trainer/train/backend.ts';
import { dropoutSites } from '../../trainer/gpt2/dropoutSites.ts';
import { dropoutMasks } from '../../trainer/train/dropout.ts';
import { createBackend, type CreateBackend } from '../../trainer/train/providers.ts';
import { createRandom } from '../../trainer/train/random.ts';
import type { Trained } from '../../trainer/train/run.ts';
import { createState } from '../../trainer/train/state.ts';
import { trainModel } from '../../trainer/train/train.ts';
import { golden } from './golden.ts';
import { webGpuMissing } from './gpu.ts';
import { randomModel, randomParameters, temporaryDirectory, tinyShape, trainInput } from './models.ts';

const missing = await webGpuMissing();
const recipe = { batchTokens: 40, countPerEntry: 4 };

async function train(
  input: TrainInput,
  create: CreateBackend = createBackend,
): Promise<{ trained: Trained; seen: TrainProgress[] }> {
  const seen: TrainProgress[] = [];
  const context = { signal: new AbortController().signal, progress: (v: TrainProgress) => seen.push(v), create };
  return { trained: await trainModel(input, context), seen };
}

describe.skipIf(missing !== null)('WebGPU', () => {
  const arrays = {
    ids: BigInt64Array.from(golden.ids.flat(), BigInt),
    targets: BigInt64Array.from(golden.targets.flat(), BigInt),
    weights: Float32Array.from(golden.weights.flat()),
  };
  const rows = [0, 1].map((row) => ({ B: 1, T: 6, entries: Int32Array.of(row) }));
  const rowOf = (row: number): typeof arrays => ({
    ids: arrays.ids.slice(6 * row, 6 * row + 6),
    targets: arrays.targets.slice(6 * row, 6 * row + 6),
    weights: arrays.weights.slice(6 * row, 6 * row + 6),
  });

  type Options = { split?: boolean; dropout?: number; lora?: LoraOptions; network?: Partial<NetworkShape> };

  /** Losses of a few steps of two micro-batches or one batch, and what was trained in the end. */
  async function steps(
    provider: 'cpu' | 'webgpu',
    { split = false, dropout = 0, lora, network = {} }: Options,
  ): Promise<{ losses: number[]; parameters: Float32Array }> {
    const shape: NetworkShape = { ...golden.shape, ...network };
    const specs = lora ? loraParameters(shape, lora) : gpt2Parameters(shape);
    const frozen = lora && randomParameters(shape, 2);
    const state = createState(specs, createRandom(1), frozen && { specs: frozenParameters(shape), parameters: frozen });
    if (lora && frozen) setAddedRows(shape, lora, frozen, state.parameters);
    const adamw = { ...adamwDefaults, epsilon: 1e-4 };
    const shared = { shape, specs, state, adamw, batchTokens: 12, intraOpThreads: 1, lora, frozen };
    const options: BackendOptions = { ...shared, withDropout: dropout > 0 };
    const backend = await createBackend(provider, options);
    const losses: number[] = [];
    for (let step = 1; step <= 4; step++) {
      const loss = await backend.step({
        batches: split ? rows : [{ B: 2, T: 6, entries: Int32Array.of(0, 1) }],
        fill: (batch, index) => ({
          ...(split ? rowOf(index) : arrays),
          inputs:
            dropout > 0 ? dropoutMasks(dropoutSites(shape), batch, dropout, createRandom(3), 2 * step + index) : {},
        }),
        step,
        learningRate: 1e-2,
        between: () => Promise.resolve(),
      });
      losses.push(loss, await backend.loss({ B: 2, T: 6, entries: Int32Array.of(0, 1) }, arrays));
    }
    await backend.download();
    await backend.release();
    return { losses, parameters: state.parameters };
  }

  test.each([
    ['one graph per step', {}],
    ['several micro-batches a step', { split: true }],
    ['dropout, its masks padded', { dropout: 0.2, split: true }],
    [
      'adapters on a frozen model',
      { lora: { rank: 2, alpha: 4, matrices: ['c_attn', 'c_proj', 'c_fc'] } as LoraOptions },
    ],
    ['a text model in full', { network: { layerNormEpsilon: 1e-2, isHeadTied: false } }],
    [
      'adapters and the rows of added tokens',
      {
        split: true,
        lora: { rank: 2, alpha: 4, matrices: ['c_attn'] } as LoraOptions,
        network: { predictedTokens: golden.shape.vocabularySize - 4 },
      },
    ],
  ])(
    '%s equals the CPU (and every node runs on the device, or there is no session)',
    async (_what, options) => {
      const [cpu, gpu] = [await steps('cpu', options), await steps('webgpu', options)];
      gpu.losses.forEach((loss, i) => expect(Math.abs(loss / (cpu.losses[i] ?? NaN) - 1)).toBeLessThan(2e-5));
      gpu.parameters.forEach((value, i) => expect(Math.abs(value - (cpu.parameters[i] ?? NaN))).toBeLessThan(2e-4));
    },
    60_000,
  );

  test('a whole run learns the same, with its checkpoints, and says what it ran on', async () => {
    const checkpoint = { directory: await temporaryDirectory(), everyMs: 500 };
    const input = trainInput('', { maxEpochs: 3, recipe: { batchTokens: 512 }, shape: { ...tinyShape, layers: 1 } });
    const [cpu, gpu] = [await train(input), await train({ ...input, provider: 'webgpu', checkpoint })];
    expect(gpu.seen.at(-1)).toMatchObject({ provider: 'webgpu', providerFailure: null });
    expect(Math.abs(gpu.trained.validationBits - cpu.trained.validationBits)).toBeLessThan(1e-3);
  }, 60_000);
});

test('a provider that fails in the middle: the run says so and ends on the CPU as if it had been there all along', async () => {
  const input = trainInput('', { maxEpochs: 4, unseenRate: 0.1, recipe });
  const checkpoint = { directory: await temporaryDirectory(), everyMs: 0 };
  let steps = 0;
  // Computes as the CPU does, so that the bytes can be compared, until it is lost.
  const lost: CreateBackend = async (provider, options) => {
    const backend = await createBackend('cpu', options);
    if (provider === 'cpu') return backend;
    return {
      step: (step) => (++steps > 17 ? Promise.reject(new Error('device lost')) : backend.step(step)),
      loss: (batch, arrays) => backend.loss(batch, arrays),
      download: () => backend.download(),
      upload: () => backend.upload(),
      release: () => backend.release(),
    };
  };
  const { trained, seen } = await train({ ...input, provider: 'webgpu', checkpoint }, lost);
  const whole = await train(input);
  expect(seen[0]).toMatchObject({ provider: 'webgpu', providerFailure: null });
  expect(seen.at(-1)).toMatchObject({ provider: 'cpu', providerFailure: 'device lost', resumedFromStep: 17 });
  expect(Buffer.from(trained.parameters.buffer).equals(Buffer.from(whole.trained.parameters.buffer))).toBe(true);
});

test('a provider that is not there is replaced from the start; the CPU failing is an error, not a loop', async () => {
  const startWeights = join(await randomModel(tinyShape, 4), 'weights.safetensors');
  const absent: CreateBackend = (provider, options) =>
    provider === 'webgpu' ? Promise.reject(new Error('no adapter')) : createBackend(provider, options);
  const { seen } = await train(trainInput('', { maxEpochs: 1, provider: 'webgpu', startWeights }), absent);
  expect(seen.at(-1)).toMatchObject({ provider: 'cpu', providerFailure: 'no adapter', resumedFromStep: null });
  const broken: CreateBackend = () => Promise.reject(new Error('out of memory'));
  await expect(train(trainInput('', { provider: 'webgpu' }), broken)).rejects.toThrow('out of memory');
});
