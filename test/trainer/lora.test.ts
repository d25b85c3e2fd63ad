/** @file Low-rank adapters: gradients of theirs alone, merged as adapted, and fine-tuning from stored weights. */
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { keyTokens, packSequences } from '../../src/shared/sequences.ts';
import type { LoraOptions, TrainInput } from '../../src/shared/trainerProtocol.ts';
import { exportModel } from '../../trainer/files/export.ts';
import { buildScoreModel, buildTrainingGraph } from '../../trainer/gpt2/graphs.ts';
import { frozenParameters, loraParameters, mergeLora, setAddedRows } from '../../trainer/gpt2/lora.ts';
import { gpt2Parameters, type NetworkShape } from '../../trainer/gpt2/spec.ts';
import { LossRunner } from '../../trainer/train/losses.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { createState, type TrainState } from '../../trainer/train/state.ts';
import type { Trained } from '../../trainer/train/run.ts';
import { trainModel } from '../../trainer/train/train.ts';
import { randomModel, randomParameters, temporaryDirectory, tinyShape, trainInput } from './models.ts';

const lora: LoraOptions = { rank: 3, alpha: 6, matrices: ['c_attn', 'c_proj', 'c_fc'] };
const specs = loraParameters(tinyShape, lora);
const base = randomParameters(tinyShape, 4);
const batch = { B: 2, T: 4, entries: Int32Array.of(0, 1) };
const arrays = {
  ids: BigInt64Array.from([1, 4, 5, 6, 1, 7, 7, 0], BigInt),
  targets: BigInt64Array.from([4, 5, 6, 2, 7, 7, 9, 0], BigInt),
  weights: Float32Array.of(0.5, 0.25, 1, 0.1, 0.3, 0, 0.2, 0),
};

/** Adapters away from where they start, so that both parts have gradients. */
function adaptedState(): TrainState {
  const state = createState(specs, createRandom(5), { specs: gpt2Parameters(tinyShape), parameters: base });
  return disturbed(state);
}

function disturbed(state: TrainState): TrainState {
  state.parameters.forEach((value, i) => (state.parameters[i] = value + 0.03 * Math.sin(i)));
  return state;
}

/** The last two tokens, 10 and 11, have rows of their own that are trained; the head is one of its own, too, in the second. */
const withAdded: NetworkShape = { ...tinyShape, predictedTokens: 10, layerNormEpsilon: 0.1 };
const withAddedHead: NetworkShape = { ...withAdded, isHeadTied: false };

function addedState(shape: NetworkShape): { state: TrainState; model: Float32Array } {
  const model = randomParameters(shape, 4);
  const state = createState(loraParameters(shape, lora), createRandom(5), {
    specs: frozenParameters(shape),
    parameters: model,
  });
  setAddedRows(shape, lora, model, state.parameters);
  return { state, model };
}

const mixed = {
  ...arrays,
  ids: BigInt64Array.from([1, 10, 5, 11, 11, 10, 7, 0], BigInt),
  targets: BigInt64Array.from([10, 5, 11, 2, 10, 7, 9, 0], BigInt),
};

test.each([
  ['adapters', tinyShape, adaptedState, arrays],
  ['rows of added tokens', withAdded, () => disturbed(addedState(withAdded).state), mixed],
  ['rows of added tokens in both tables', withAddedHead, () => disturbed(addedState(withAddedHead).state), mixed],
])(
  'gradients of %s agree with central differences (a scale or a path forgotten)',
  async (_what, shape, stateOf, tokens) => {
    const state = stateOf();
    const runner = await LossRunner.create(shape, state, {
      withGradients: true,
      lora,
      batchTokens: 8,
      intraOpThreads: 1,
    });
    const lossAt = (index: number, change: number): Promise<number> => {
      const before = state.parameters[index] ?? NaN;
      state.parameters[index] = before + change;
      return runner.run(batch, tokens).finally(() => (state.parameters[index] = before));
    };
    await lossAt(0, 0);
    const gradients = state.gradients.slice();
    const largest = gradients.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const { name, offset, size } of loraParameters(shape, lora)) {
      for (const index of [offset, offset + Math.floor(size / 2), offset + size - 1]) {
        const difference = ((await lossAt(index, 1e-3)) - (await lossAt(index, -1e-3))) / 2e-3;
        expect(Math.abs(difference - (gradients[index] ?? NaN)) / largest, name).toBeLessThan(2e-3);
      }
    }
    await runner.release();
  },
);

test.each([
  ['a tied head', withAdded],
  ['a head of its own', withAddedHead],
])(
  'with tables in two parts the model is at first what it was, and merged what it became: %s',
  async (_what, shape) => {
    const { state, model } = addedState(shape);
    const options = { withGradients: false, batchTokens: 8, intraOpThreads: 1 };
    const adapted = await LossRunner.create(shape, state, { ...options, lora });
    const plain = createState(gpt2Parameters(shape), null);
    const whole = await LossRunner.create(shape, plain, options);
    const difference = async (parameters: Float32Array): Promise<number> => {
      plain.parameters.set(parameters);
      let most = 0;
      for (let token = 0; token < 8; token++) {
        const weights = new Float32Array(8).fill(0);
        weights[token] = 1;
        const [one, other] = [
          await adapted.run(batch, { ...mixed, weights }),
          await whole.run(batch, { ...mixed, weights }),
        ];
        most = Math.max(most, Math.abs(one - other));
      }
      return most;
    };
    expect(await difference(model)).toBeLessThan(1e-6);
    disturbed(state);
    expect(await difference(model)).toBeGreaterThan(0.01);
    const merged = model.slice(); // the state has views of the model itself
    mergeLora(shape, lora, merged, state.parameters);
    expect(await difference(merged)).toBeLessThan(1e-5);
    await adapted.release();
    await whole.release();
  },
);

test('merged weights score as the adapters do, to 1e-5 (the transpose merged, or alpha without rank)', async () => {
  const state = adaptedState();
  const runner = await LossRunner.create(tinyShape, state, {
    withGradients: false,
    lora,
    batchTokens: 8,
    intraOpThreads: 1,
  });
  const merged = base.slice();
  mergeLora(tinyShape, lora, merged, state.parameters);
  const [unadapted, adapted] = [
    await ort.InferenceSession.create(buildScoreModel(tinyShape, base)),
    await ort.InferenceSession.create(buildScoreModel(tinyShape, merged)),
  ];
  const feeds = {
    ids: new ort.Tensor('int64', arrays.ids, [2, 4]),
    targets: new ort.Tensor('int64', arrays.targets, [2, 4]),
  };
  const after = (await adapted.run(feeds)).logProbability?.data as Float32Array;
  const before = (await unadapted.run(feeds)).logProbability?.data as Float32Array;
  for (let token = 0; token < 8; token++) {
    // The training graph tells one number: a weight of one at one token asks for that token's.
    const weights = new Float32Array(8).fill(0);
    weights[token] = 1;
    expect(Math.abs((await runner.run(batch, { ...arrays, weights })) + (after[token] ?? NaN))).toBeLessThan(1e-5);
  }
  expect(Math.max(...after.map((value, i) => Math.abs(value - (before[i] ?? NaN))))).toBeGreaterThan(0.01);
  await runner.release();
});

test('what is frozen has no gradient in the graph (the model differentiated and thrown away)', () => {
  const size = (options: { lora?: LoraOptions }): number =>
    buildTrainingGraph(tinyShape, ['B', 'T'], { withGradients: true, ...options }).model.length;
  const { gradientNames } = buildTrainingGraph(tinyShape, ['B', 'T'], { withGradients: true, lora });
  expect(gradientNames).toHaveLength(specs.length);
  expect(size({ lora: { rank: 1, alpha: 1, matrices: ['c_fc'] } })).toBeLessThan(size({}));
});

/** What the model was started from never saw: 4 is always followed by 7. */
function tuning(directory: string, changes: Partial<TrainInput>): TrainInput {
  const training = packSequences(Array.from({ length: 60 }, () => [keyTokens.begin, 4, 7, 7, keyTokens.end]));
  const startWeights = join(directory, 'weights.safetensors');
  return trainInput('', { training, validation: training, startWeights, maxEpochs: 8, ...changes });
}

async function train(input: TrainInput): Promise<Trained> {
  return trainModel(input, { signal: new AbortController().signal, progress: () => undefined });
}

test('fine-tuning starts from the stored weights; with adapters all but the named matrices stay as they were', async () => {
  const directory = await randomModel(tinyShape, 4);
  const [full, adapted] = [
    await train(tuning(directory, { maxEpochs: 1, learningRate: 1e-9 })),
    await train(tuning(directory, { lora: { ...lora, matrices: ['c_attn', 'c_fc'] } })),
  ];
  full.parameters.forEach((value, i) => expect(Math.abs(value - (base[i] ?? NaN))).toBeLessThan(1e-6));
  expect(adapted.validationBits).toBeLessThan(0.5);
  for (const { name, offset, size } of gpt2Parameters(tinyShape)) {
    const changed = adapted.parameters.subarray(offset, offset + size).some((value, i) => value !== base[offset + i]);
    expect(changed, name).toBe(/c_attn\.weight|c_fc\.weight/.test(name));
  }
});

test('a cut-off fine-tune goes on to the same bytes, but not from other weights', async () => {
  const directory = await randomModel(tinyShape, 4);
  const other = await randomModel(tinyShape, 5);
  const checkpoint = { directory: await temporaryDirectory(), everyMs: 0 };
  const whole = await train(tuning(directory, { lora }));
  const abort = new AbortController();
  const cut = trainModel(tuning(directory, { lora, checkpoint }), {
    signal: abort.signal,
    progress: ({ epoch }) => void (epoch === 3 && abort.abort()),
  });
  await expect(cut).rejects.toMatchObject({ code: 'CANCELLED' });
  const resumed: (number | null)[] = [];
  const goOn = (input: TrainInput): Promise<Trained> =>
    trainModel(input, {
      signal: new AbortController().signal,
      progress: ({ resumedFromStep }) => resumed.push(resumedFromStep),
    });
  const second = await goOn(tuning(directory, { lora, checkpoint }));
  expect(resumed[0]).toBeGreaterThan(0);
  expect(Buffer.from(second.parameters.buffer).equals(Buffer.from(whole.parameters.buffer))).toBe(true);
  resumed.length = 0;
  await goOn(tuning(other, { lora, checkpoint }));
  expect(resumed[0]).toBeNull();
});

test('weights of another shape, a cut file and adapters without a model are refused in words', async () => {
  const directory = await temporaryDirectory();
  await exportModel(directory, { ...tinyShape, width: 8 }, randomParameters({ ...tinyShape, width: 8 }, 1));
  await expect(train(tuning(directory, {}))).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  await writeFile(join(directory, 'weights.safetensors'), 'cut');
  await expect(train(tuning(directory, {}))).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  await expect(train(trainInput('', { lora }))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(train(tuning(directory, { lora: { ...lora, rank: 0 } }))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
