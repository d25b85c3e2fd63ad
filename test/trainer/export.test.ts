/** @file The files of a trained model: they say what the trained parameters say. */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { exportModel } from '../../trainer/files/export.ts';
import { readSafetensors } from '../../trainer/files/safetensors.ts';
import { buildScoreModel } from '../../trainer/gpt2/graphs.ts';
import { gpt2Parameters } from '../../trainer/gpt2/spec.ts';
import { fillBatch } from '../../trainer/train/batches.ts';
import { meanBits } from '../../trainer/train/evaluate.ts';
import { LossRunner } from '../../trainer/train/losses.ts';
import { cutPieces } from '../../trainer/train/pieces.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { createState } from '../../trainer/train/state.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { golden, goldenState } from './golden.ts';
import { randomParameters, temporaryDirectory, tinyShape } from './models.ts';

test('score.onnx gives the log-probabilities of torch (another gelu, mask or head than in training)', async () => {
  const session = await ort.InferenceSession.create(buildScoreModel(golden.shape, goldenState().parameters));
  const tensor = (rows: number[][]): ort.Tensor =>
    new ort.Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [2, 6]);
  const { logProbability } = await session.run({ ids: tensor(golden.ids), targets: tensor(golden.targets) });
  golden.logProbability.forEach((expected, i) => expect(logProbability?.data[i]).toBeCloseTo(expected, 4));
  await session.release();
});

test('score.onnx and the training graph agree on the loss', async () => {
  const state = createState(gpt2Parameters(tinyShape), createRandom(3));
  const pieces = cutPieces(
    packSequences([
      [1, 4, 5, 6, 7, 2],
      [1, 9, 2],
      [5, 5, 5],
    ]),
    8,
    12,
  );
  const options = { withGradients: false, batchTokens: 100, intraOpThreads: 1 };
  const runner = await LossRunner.create(tinyShape, state, options);
  const bits = await meanBits({ loss: (batch, arrays) => runner.run(batch, arrays) }, pieces, 100, () =>
    Promise.resolve(),
  );
  await runner.release();
  const batch = { B: 3, T: 5, entries: Int32Array.of(0, 1, 2) };
  const { ids, targets, weights } = fillBatch(pieces, batch, Float64Array.of(1, 1, 1));
  const session = await ort.InferenceSession.create(buildScoreModel(tinyShape, state.parameters));
  const feeds = { ids: new ort.Tensor('int64', ids, [3, 5]), targets: new ort.Tensor('int64', targets, [3, 5]) };
  const { logProbability } = await session.run(feeds);
  await session.release();
  const nats = weights.reduce((sum, weight, i) => sum - weight * Number(logProbability?.data[i]), 0);
  expect(nats / pieces.predictions / Math.LN2).toBeCloseTo(bits, 5);
});

test('the folder holds the files, their hashes are right, the weights are the parameters', async () => {
  const directory = await temporaryDirectory();
  const parameters = randomParameters(tinyShape, 2);
  const files = await exportModel(directory, tinyShape, parameters);
  expect((await readdir(directory)).toSorted()).toEqual(files.map(({ name }) => name).toSorted());
  for (const { name, sizeBytes, sha256 } of files) {
    const bytes = await readFile(join(directory, name));
    expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([sizeBytes, sha256]);
  }
  expect(JSON.parse(await readFile(join(directory, 'shape.json'), 'utf8'))).toEqual(tinyShape);
  const stored = readSafetensors(await readFile(join(directory, 'weights.safetensors')), 'weights.safetensors');
  expect(stored.map(({ name, dims }) => ({ name, dims }))).toEqual(
    gpt2Parameters(tinyShape).map(({ name, dims }) => ({ name, dims })),
  );
  expect(stored.flatMap(({ data }) => [...data])).toEqual([...parameters]);
});

test('an export that fails leaves no file behind (a model folder that looks whole and is not)', async () => {
  const directory = await temporaryDirectory();
  const missing = join(directory, 'gone');
  await expect(exportModel(missing, tinyShape, randomParameters(tinyShape, 2))).rejects.toThrow();
  await writeFile(missing, 'a file where a folder should be');
  await expect(exportModel(missing, tinyShape, randomParameters(tinyShape, 2))).rejects.toThrow();
  expect(await readdir(directory)).toEqual(['gone']);
});
