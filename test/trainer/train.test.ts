/** @file Training as a whole: it learns what there is to learn, repeats itself exactly, stops in time and when told. */
import { expect, test } from 'vitest';
import { keyTokens, packSequences } from '../../src/shared/sequences.ts';
import type { TrainInput, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { exportModel } from '../../trainer/files/export.ts';
import { createRandom } from '../../trainer/train/random.ts';
import type { Trained } from '../../trainer/train/run.ts';
import { trainModel } from '../../trainer/train/train.ts';
import { connectEngine } from '../engine/client.ts';
import { coinSessions, temporaryDirectory, tinyShape, trainInput } from './models.ts';

function train(changes: Partial<TrainInput> = {}, signal = new AbortController().signal): Promise<Trained> {
  return trainModel(trainInput('', changes), { signal, progress: () => undefined });
}

test('a fair coin costs one bit and what the grammar forces costs nothing (a loss that leaks or shifts its targets)', async () => {
  const { parameters, validationBits } = await train({ maxEpochs: 20 });
  expect(validationBits).toBeGreaterThan(0.19); // one bit in five predictions
  expect(validationBits).toBeLessThan(0.23);
  const directory = await temporaryDirectory();
  await exportModel(directory, tinyShape, parameters);
  const engine = connectEngine();
  await engine.call('load', { modelId: 'm', directory, shape: tinyShape });
  const { bits } = await engine.call('score', { modelId: 'm', sequences: coinSessions(20, 3) });
  bits.forEach((value, i) => {
    if (i % 6 === 2) expect(Math.abs(value - 1)).toBeLessThan(0.25);
    else expect(value).toBeLessThan(0.1);
  });
});

test('one seed gives one model, byte for byte, and another seed another (hidden state, thread races)', async () => {
  const shape = { ...tinyShape, width: 64, heads: 4 };
  const options = { shape, maxEpochs: 3, unseenRate: 0.1, intraOpThreads: 2, learningRate: 3e-3 };
  const [first, second, other] = [await train(options), await train(options), await train({ ...options, seed: 2 })];
  expect(Buffer.from(second.parameters.buffer).equals(Buffer.from(first.parameters.buffer))).toBe(true);
  expect(Buffer.from(other.parameters.buffer).equals(Buffer.from(first.parameters.buffer))).toBe(false);
});

test('repeatable also where ONNX Runtime uses several threads (repeated rows added up in any order)', async () => {
  const shape = { ...tinyShape, width: 256, heads: 4 };
  const options = { training: coinSessions(100, 1), shape, maxEpochs: 1, intraOpThreads: 2, learningRate: 1e-3 };
  const recipe = { countPerEntry: 1 };
  const [first, second] = [await train({ ...options, recipe }), await train({ ...options, recipe })];
  expect(Buffer.from(second.parameters.buffer).equals(Buffer.from(first.parameters.buffer))).toBe(true);
});

test('dropout and several micro-batches a step still learn what there is to learn, and repeat themselves', async () => {
  const options = { maxEpochs: 20, recipe: { dropout: 0.1, accumulation: 2, batchTokens: 100 } };
  const [first, second] = [await train(options), await train(options)];
  expect(first.validationBits).toBeGreaterThan(0.19);
  expect(first.validationBits).toBeLessThan(0.25);
  expect(Buffer.from(second.parameters.buffer).equals(Buffer.from(first.parameters.buffer))).toBe(true);
});

test('a target that does not count is not learnt (weights lost on the way)', async () => {
  const training = packSequences(Array.from({ length: 50 }, () => [keyTokens.begin, 4, 5]));
  const trainingWeights = Float32Array.from(training.ids, (_, i) => (i % 3 === 2 ? 0 : 1));
  const validation = packSequences([[4, 5]]); // after 4: never a target that counted
  const { parameters } = await train({ training, trainingWeights, validation: packSequences([]), maxEpochs: 15 });
  expect(parameters.every(Number.isFinite)).toBe(true);
  const [ignored, learnt] = [
    await train({ training, trainingWeights, validation }),
    await train({ training, validation }),
  ];
  expect(learnt.validationBits).toBeLessThan(0.5);
  expect(ignored.validationBits).toBeGreaterThan(2);
});

test('sessions that occur often weigh as often as they occur (equal sessions held once and their count lost)', async () => {
  const often = Array.from({ length: 90 }, () => [keyTokens.begin, 4, keyTokens.end]);
  const seldom = Array.from({ length: 10 }, () => [keyTokens.begin, 5, keyTokens.end]);
  const training = packSequences([...often, ...seldom]);
  const { trainingBits } = await train({ training, validation: packSequences([]), maxEpochs: 30 });
  // Entropy of 9 : 1 at the first event, nothing at the end: half of it per prediction.
  expect(trainingBits).toBeCloseTo(0.469 / 2, 1);
  expect(trainingBits).toBeLessThan(0.27);
});

test('a replaced share of events makes `unseen` expected (a new template as impossible as a broken order)', async () => {
  const rareFirst = packSequences(
    Array.from({ length: 100 }, (_, i) => [keyTokens.begin, i < 95 ? 4 : 7 + (i % 5), 6, keyTokens.end]),
  );
  const validation = packSequences([[keyTokens.begin, keyTokens.unseen, 6, keyTokens.end]]);
  const options = { training: rareFirst, validation, maxEpochs: 15, patience: 15 };
  const [without, withRate] = [await train(options), await train({ ...options, unseenRate: 0.02 })];
  expect(withRate.validationBits).toBeLessThan(without.validationBits);
  expect(withRate.validationBits).toBeLessThan(3);
});

test('a few sequences are learnt by heart (a gradient too weak anywhere)', async () => {
  const training = packSequences([
    [1, 4, 5, 6, 7, 2],
    [1, 8, 5, 9, 9, 2],
    [1, 10, 11, 4, 4, 4, 2],
  ]);
  const { trainingBits } = await train({ training, validation: packSequences([]), maxEpochs: 40, patience: 40 });
  // Which of the three it is cannot be known: 1.58 bits a sequence, over 16 predictions.
  expect(trainingBits).toBeLessThan((3 * Math.log2(3)) / 16 + 0.03);
});

test('one sequence of three tokens is enough, and no validation data is needed', async () => {
  const training = packSequences([[keyTokens.begin, 4, keyTokens.end]]);
  const result = await train({ training, validation: packSequences([]), maxEpochs: 20 });
  expect(result.validationBits).toBe(result.trainingBits);
  expect(result.validationBits).toBeLessThan(0.5);
});

test('the best epoch is kept, not the last, and patience ends the run (overfitted weights exported)', async () => {
  // Noise cannot be learnt: what helps on the training data hurts on the validation data.
  const noise = (seed: number): TrainInput['training'] => {
    const random = createRandom(seed);
    const events = (i: number): number[] =>
      Array.from({ length: 6 }, (_, j) => 4 + Math.floor(random.uniform(1, i, j) * 8));
    return packSequences(Array.from({ length: 8 }, (_, i) => [keyTokens.begin, ...events(i), keyTokens.end]));
  };
  const seen: TrainProgress[] = [];
  const result = await trainModel(
    trainInput('', { training: noise(7), validation: noise(13), maxEpochs: 60, patience: 3 }),
    { signal: new AbortController().signal, progress: (value) => seen.push(value) },
  );
  expect(result.stoppedEarly).toBe(true);
  expect(result.epochs).toBe(result.bestEpoch + 3);
  const last = seen.at(-1);
  expect(last?.epoch).toBe(result.epochs);
  expect(last?.bestValidationBits).toBe(result.validationBits);
  expect(last?.validationBits).toBeGreaterThan(result.validationBits);
});

test('progress is about the epoch under way and ends with the last step (a bar that jumps or never fills)', async () => {
  const seen: TrainProgress[] = [];
  await trainModel(trainInput('', { maxEpochs: 3 }), {
    signal: new AbortController().signal,
    progress: (value) => seen.push(value),
  });
  expect(seen[0]).toMatchObject({ epoch: 1, maxEpochs: 3, step: 1, validationBits: null, bestValidationBits: null });
  expect(seen.at(-1)).toMatchObject({ epoch: 3, step: seen.at(-1)?.stepsPerEpoch });
  const done = seen.map(({ epoch, step, stepsPerEpoch }) => epoch + step / stepsPerEpoch);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
});

test('a cancelled run ends with CANCELLED', async () => {
  const abort = new AbortController();
  const run = trainModel(trainInput('', { maxEpochs: 10_000, patience: 10_000 }), {
    signal: abort.signal,
    progress: () => abort.abort(),
  });
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
});

test.each([
  ['no data', { training: packSequences([[1], []]) }],
  ['heads that do not divide the width', { shape: { ...tinyShape, heads: 3 } }],
  ['a vocabulary beyond 65,536', { shape: { ...tinyShape, vocabularySize: 70_000 } }],
  ['a model too large for one process', { shape: { ...tinyShape, layers: 48, width: 2048 } }],
  [
    'logits beyond what one allocation may take',
    { shape: { ...tinyShape, contextLength: 4096, vocabularySize: 65_536 } },
  ],
  ['no epochs', { maxEpochs: 0 }],
  ['a learning rate that is not a number', { learningRate: NaN }],
  ['a rate of unseen above a half', { unseenRate: 0.9 }],
  ['dropout of everything', { recipe: { dropout: 1 } }],
  ['a step of no micro-batches', { recipe: { accumulation: 0 } }],
  ['target weights that do not fit the ids', { trainingWeights: new Float32Array(3) }],
])('%s is refused', async (_what, changes) => {
  await expect(train(changes)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
