/** @file The encoder that classifies windows: its gradients, what it can see, what it learns, and a run that was cut off. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { createClassifyHandlers } from '../../src/main/engine/classify.ts';
import { openSession } from '../../src/main/engine/session.ts';
import { labelTokens } from '../../src/shared/classify.ts';
import { classifierTraining } from '../../src/shared/recipes.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import type { TrainInput, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { buildClassifyModel } from '../../trainer/classify/graph.ts';
import { trainClassifier } from '../../trainer/classify/trainClassifier.ts';
import { gpt2Parameters, type NetworkShape } from '../../trainer/gpt2/spec.ts';
import { LossRunner } from '../../trainer/train/losses.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { createState } from '../../trainer/train/state.ts';
import { randomParameters, temporaryDirectory } from './models.ts';

const shape: NetworkShape = {
  layers: 2,
  heads: 2,
  width: 8,
  contextLength: 4,
  vocabularySize: 10,
  isClassifier: true,
};
const specs = gpt2Parameters(shape);

test('its gradients are those of the loss (a missing path, the mean over places, a label that is read from elsewhere)', async () => {
  const state = createState(specs, createRandom(1));
  state.parameters.set(randomParameters(shape, 3));
  const batch = { B: 3, T: 4, entries: Int32Array.of(0, 1, 2) };
  const arrays = {
    ids: BigInt64Array.from([4, 5, 6, 9, 7, 7, 3, 0, 1, 8, 4, 4], BigInt),
    targets: BigInt64Array.from([2, 2, 2, 1, 1, 1, 1, 2, 1, 1, 1, 2], BigInt),
    weights: Float32Array.of(0, 0, 0, 0.5, 0.1, 0, 0, 0.7, 0, 0, 0, 1.2),
  };
  const runner = await LossRunner.create(shape, state, { withGradients: true, batchTokens: 12, intraOpThreads: 1 });
  const lossAt = (index: number, change: number): Promise<number> => {
    const before = state.parameters[index] ?? NaN;
    state.parameters[index] = before + change;
    return runner.run(batch, arrays).finally(() => (state.parameters[index] = before));
  };
  const loss = await lossAt(0, 0);
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
  // The loss is what the graph that answers says, so that what is trained and what is used cannot drift apart.
  const session = await ort.InferenceSession.create(buildClassifyModel(shape, state.parameters));
  const answer = await session.run({ ids: new ort.Tensor('int64', arrays.ids, [3, 4]) });
  const logits = answer['logit']?.data as Float32Array;
  const nats = [-1, 1, 1].map((sign, i) => Math.log1p(Math.exp(-sign * (logits[i] ?? NaN))));
  expect(loss).toBeCloseTo(0.5 * (nats[0] ?? 0) + 0.8 * (nats[1] ?? 0) + 1.2 * (nats[2] ?? 0), 4);
});

test('every place sees every other, later ones too (a causal mask left on), and rows of attention sum to one', async () => {
  const parameters = randomParameters(shape, 5);
  const session = await ort.InferenceSession.create(buildClassifyModel(shape, parameters));
  const run = async (ids: number[]) =>
    session.run({ ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, 4]) });
  const attention = (await run([4, 5, 6, 7]))['attention.1']?.data as Float32Array;
  expect(attention[3]).toBeGreaterThan(0); // the first place at the last
  for (let row = 0; row < 8; row++)
    expect(attention.subarray(row * 4, row * 4 + 4).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
});

/** Anomalous is 5 somewhere before 6: order matters, and neither event alone says it. */
function windows(count: number, seed: number): { sequences: number[][]; labels: number[] } {
  const random = createRandom(seed);
  const labels: number[] = [];
  const sequences = Array.from({ length: count }, (_, i) => {
    const ids = Array.from({ length: 4 }, (_, place) => 7 + Math.floor(random.uniform(1, i, place) * 3));
    const first = Math.floor(random.uniform(2, i) * 3);
    const isAnomalous = random.uniform(3, i) < 0.4;
    [ids[first], ids[3]] = isAnomalous ? [5, 6] : [6, 5];
    labels.push(isAnomalous ? 1 : 0);
    return [...ids, isAnomalous ? labelTokens.anomalous : labelTokens.normal];
  });
  return { sequences, labels };
}

function input(directory: string, checkpoint: TrainInput['checkpoint'] = null): TrainInput {
  const training = windows(300, 1).sequences;
  const weights = (count: number): Float32Array =>
    Float32Array.from({ length: 5 * count }, (_, i) => (i % 5 === 4 ? 4 : 0));
  const { isClassifier: _, ...plain } = shape;
  return {
    ...classifierTraining,
    directory,
    training: packSequences(training),
    trainingWeights: weights(300),
    validation: packSequences(windows(80, 2).sequences),
    validationWeights: weights(80),
    shape: { ...plain, width: 16 },
    recipe: { ...classifierTraining.recipe, batchTokens: 64 },
    seed: 1,
    intraOpThreads: 1,
    checkpoint,
  };
}

test('it learns an order of events, and the engine reads what was written', async () => {
  const directory = await temporaryDirectory();
  const output = await trainClassifier(input(directory), {
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  expect(output.files.map(({ name }) => name)).toEqual(['weights.safetensors', 'classify.onnx', 'shape.json']);
  const { sequences, labels } = windows(100, 3);
  const engine = createClassifyHandlers({ openSession, intraOpThreads: 1 });
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const ids = Int32Array.from(sequences.flatMap((sequence) => sequence.slice(0, 4)));
  const answer = await engine.classify({ directory, ids, length: 4 }, context);
  const { logits } = ('value' in answer ? answer.value : answer) as { logits: Float32Array };
  const wrong = labels.filter((label, i) => (label === 1) !== (logits[i] ?? 0) > 0).length;
  expect(wrong).toBeLessThanOrEqual(2);
}, 60_000);

test('a run that was cut off ends with the bytes of one that was not', async () => {
  const [whole, cut, checkpoints] = [
    await temporaryDirectory(),
    await temporaryDirectory(),
    await temporaryDirectory(),
  ];
  const short = (directory: string, checkpoint: TrainInput['checkpoint']): TrainInput => ({
    ...input(directory, checkpoint),
    maxEpochs: 2,
  });
  const never = new AbortController().signal;
  await trainClassifier(short(whole, null), { signal: never, progress: () => undefined });
  const stop = new AbortController();
  const progress = (point: TrainProgress): void => {
    if (point.epoch === 2) stop.abort();
  };
  const checkpoint = { directory: checkpoints, everyMs: 0 };
  await expect(trainClassifier(short(cut, checkpoint), { signal: stop.signal, progress })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  const seen: TrainProgress[] = [];
  await trainClassifier(short(cut, checkpoint), { signal: never, progress: (point) => void seen.push(point) });
  expect(seen.some(({ resumedFromStep }) => resumedFromStep !== null)).toBe(true);
  expect(await readFile(join(cut, 'weights.safetensors'))).toEqual(await readFile(join(whole, 'weights.safetensors')));
}, 60_000);
