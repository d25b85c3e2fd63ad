/** @file A text model with a vocabulary as large as GPT-2's: its logits are made in pieces, and no one sees the seams. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { packSequences } from '../../src/shared/sequences.ts';
import type { TextModelShape } from '../../src/shared/textModels.ts';
import { writeSafetensors } from '../../trainer/files/safetensors.ts';
import { weightPlaces, writeGraphs } from '../../trainer/gpt2/textFiles.ts';
import { buildPublished } from '../../trainer/gpt2/textGraphs.ts';
import { gpt2Parameters } from '../../trainer/gpt2/spec.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { testFolder } from '../helpers/folders.ts';
import { connectEngine } from './client.ts';

const shape: TextModelShape = {
  form: 'gpt2',
  layers: 1,
  heads: 1,
  width: 4,
  contextLength: 512,
  vocabularySize: 49_990,
  predictedTokens: 49_990,
  layerNormEpsilon: 1e-5,
  isHeadTied: true,
};

test('every token of a long text gets the log-probability that its logits say (rows of a piece mixed up)', async () => {
  const directory = join(testFolder(), 'model');
  mkdirSync(directory);
  const random = createRandom(1);
  const tensors = gpt2Parameters(shape).map(({ name, dims }, stream) => ({
    name,
    dims,
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => random.normal(stream, i)),
  }));
  writeFileSync(join(directory, 'model.safetensors'), writeSafetensors(tensors));
  writeFileSync(join(directory, 'shape.json'), JSON.stringify(shape));
  await writeGraphs(directory, shape);
  // 335 rows of 49,990 logits are 64 MB: the second piece is shorter than the first.
  const ids = Array.from({ length: 450 }, (_, i) => (i * 7919) % shape.predictedTokens);
  const { bits } = await connectEngine().call('score_text', { directory, sequences: packSequences([ids]) });

  const path = join(directory, 'published.onnx');
  writeFileSync(path, buildPublished(shape, await weightPlaces(directory, 'model.safetensors')));
  const session = await ort.InferenceSession.create(path);
  const asked = [0, 1, 333, 334, 335, 336, 448];
  const { logits } = await session.run({
    input_ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
  });
  const all = logits?.data as Float32Array;
  const rowLength = shape.vocabularySize;
  for (const t of asked) {
    const row = all.subarray(t * rowLength, t * rowLength + shape.predictedTokens);
    const sum = row.reduce((total, value) => total + Math.exp(value), 0);
    const expected = (Math.log(sum) - (row[ids[t + 1] ?? -1] ?? NaN)) / Math.LN2;
    expect(Math.abs((bits[t + 1] ?? NaN) - expected)).toBeLessThan(1e-4);
  }
  await session.release();
});
