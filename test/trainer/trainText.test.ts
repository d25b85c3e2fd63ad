/** @file Text models trained and fine-tuned: what comes out is what was trained, to the engine and to other programs. */
import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packSequences, type SequenceSet } from '../../src/shared/sequences.ts';
import type { TextModelShape, TrainTextInput, TrainTextOutput } from '../../src/shared/textModels.ts';
import type { LoraOptions, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { readSafetensors } from '../../trainer/files/safetensors.ts';
import { exportText } from '../../trainer/gpt2/exportText.ts';
import { importText } from '../../trainer/gpt2/importText.ts';
import { trainText } from '../../trainer/train/trainText.ts';
import { connectEngine } from '../engine/client.ts';
import { checkpointWith, config, described, safetensorsOf, tiny, tinyFolder, tinyTensors } from './checkpoints.ts';
import { testFolder } from '../helpers/folders.ts';
import { trainedTokenizer } from './textTokenizer.ts';
import { addressToken, emptyFolder, fineTuning, importedTiny, newToken, threeLines } from './textTrainingInput.ts';

const lora: LoraOptions = { rank: 8, alpha: 16, matrices: ['c_attn', 'c_proj', 'c_fc'] };
const none = packSequences([]);

function train(input: TrainTextInput, signal = new AbortController().signal): Promise<TrainTextOutput> {
  return trainText(input, { signal, progress: () => undefined });
}

/** Mean bits of a prediction, as the engine scores the folder. */
async function scoredBits(directory: string, sequences: SequenceSet): Promise<number> {
  const { bits } = await connectEngine().call('score_text', { directory, sequences });
  const predictions = sequences.ids.length - (sequences.offsets.length - 1);
  return bits.reduce((sum, value) => sum + value, 0) / predictions;
}

test.each([
  ['in full', {}, 0.1],
  // The table that is frozen is so small that no hidden state gives its tokens all the probability: 2.05 bits at any learning rate.
  ['with adapters', { lora, learningRate: 5e-2 }, 2.2],
])(
  'three lines are learnt by heart %s, and the engine scores the folder as training said',
  async (_what, changes, mostBits) => {
    const input = fineTuning(await importedTiny(), { ...changes, maxEpochs: 60, patience: 60, validation: threeLines });
    const { shape, validationBits, files, parameterCount } = await train(input);
    // Where the lines differ is their first token, which is given: everything else can be known.
    expect(validationBits).toBeLessThan(mostBits);
    expect(shape).toMatchObject({ vocabularySize: 290, predictedTokens: 290 });
    expect(JSON.parse(readFileSync(join(input.directory, 'shape.json'), 'utf8'))).toEqual(shape);
    expect(files.map(({ name }) => name)).toEqual([
      'model.safetensors',
      'tokenizer.json',
      'body.onnx',
      'head.onnx',
      'next.onnx',
      'shape.json',
    ]);
    expect(readdirSync(input.directory)).toHaveLength(files.length);
    expect(parameterCount).toBe(tinyTensors.reduce((sum, { data }) => sum + data.length, 0) + 2 * 16);
    expect(Math.abs((await scoredBits(input.directory, threeLines)) - validationBits)).toBeLessThan(1e-5);
  },
);

test('with adapters everything but what is adapted and the rows of added tokens is the checkpoint’s', async () => {
  const start = await importedTiny();
  const input = fineTuning(start, { lora: { ...lora, matrices: ['c_attn'] }, maxEpochs: 3 });
  await train(input);
  const [before, after] = [start, input.directory].map((directory) =>
    readSafetensors(readFileSync(join(directory, 'model.safetensors')), 'x'),
  );
  const bytes = (values: Float32Array = new Float32Array()): Buffer => Buffer.from(values.slice().buffer);
  const changed = before?.filter(({ data }, i) => !bytes(data).equals(bytes(after?.[i]?.data))).map(({ name }) => name);
  expect(changed).toEqual(['wte.weight', 'h.0.attn.c_attn.weight', 'h.1.attn.c_attn.weight']);
  const [old, fresh] = [before?.[0]?.data ?? new Float32Array(), after?.[0]?.data ?? new Float32Array()];
  expect(fresh.subarray(0, 288 * 16)).toEqual(old.subarray(0, 288 * 16));
  for (const token of [newToken, addressToken])
    expect(fresh.subarray(token * 16, token * 16 + 16)).not.toEqual(old.subarray(token * 16, token * 16 + 16));
});

test('fine-tuned again, a model has no rows apart: plain adapters on all of its table', async () => {
  const first = fineTuning(await importedTiny(), { lora, maxEpochs: 2 });
  await train(first);
  const second = fineTuning(first.directory, { lora, maxEpochs: 2 });
  await train(second);
  const table = (directory: string): Float32Array | undefined =>
    readSafetensors(readFileSync(join(directory, 'model.safetensors')), 'x').find(({ name }) => name === 'wte.weight')
      ?.data;
  expect(table(second.directory)).toEqual(table(first.directory));
});

test('what is exported gives the same figures, taken in again', async () => {
  const input = fineTuning(await importedTiny(), { lora, maxEpochs: 10 });
  await train(input);
  const [to, again] = [emptyFolder(), emptyFolder()];
  await exportText({ directory: input.directory, to, format: 'safetensors' });
  await importText(
    { from: to, directory: again, addedTokens: [], seed: 1 },
    { signal: new AbortController().signal, progress: () => undefined },
  );
  expect(await scoredBits(again, threeLines)).toBe(await scoredBits(input.directory, threeLines));
});

test('a head of its own is trained apart from the embeddings, in full and by adapters', async () => {
  const embeddings = tinyTensors.find(({ name }) => name === 'transformer.wte.weight');
  if (!embeddings) throw new Error('no embeddings');
  const head = { name: 'lm_head.weight', dims: embeddings.dims, data: embeddings.data.map((value) => 2 * value) };
  const from = checkpointWith(join(testFolder(), 'c'), {
    'model.safetensors': safetensorsOf(described([...tinyTensors, head])),
    'config.json': JSON.stringify({ ...config, tie_word_embeddings: false }),
  });
  const start = await importedTiny(['<NEW>', '<IP>'], from);
  for (const changes of [{}, { lora }]) {
    const input = fineTuning(start, { ...changes, maxEpochs: 40, patience: 40, validation: threeLines });
    const { validationBits } = await train(input);
    expect(validationBits).toBeLessThan(1);
    expect(Math.abs((await scoredBits(input.directory, threeLines)) - validationBits)).toBeLessThan(1e-5);
  }
});

test('another layer_norm_epsilon is trained with (the loss of another model)', async () => {
  const from = checkpointWith(join(testFolder(), 'c'), {
    'model.safetensors': readFileSync(join(tinyFolder, 'model.safetensors')),
    'config.json': JSON.stringify({ ...config, layer_norm_epsilon: 0.5 }),
  });
  const input = fineTuning(await importedTiny([], from), {
    validation: packSequences(tiny.ids),
    training: packSequences(tiny.ids),
    maxEpochs: 1,
  });
  const { validationBits } = await train(input);
  expect(Math.abs((await scoredBits(input.directory, input.validation)) - validationBits)).toBeLessThan(1e-5);
});

test('from nothing over a tokenizer that was trained here: one seed gives the same files', async () => {
  const { directory: tokenizerDirectory, ids } = await trainedTokenizer();
  const sequences = packSequences(ids);
  const shape = { layers: 2, heads: 2, width: 16, contextLength: 32 };
  const input = (): TrainTextInput =>
    fineTuning('', {
      start: { kind: 'new', tokenizerDirectory, shape },
      training: sequences,
      validation: sequences,
      maxEpochs: 5,
    });
  const [first, second] = [input(), input()];
  const [one, two] = [await train(first), await train(second)];
  expect(one.files).toEqual(two.files);
  expect(readFileSync(join(first.directory, 'tokenizer.json'))).toEqual(
    readFileSync(join(tokenizerDirectory, 'tokenizer.json')),
  );
  expect(Math.abs((await scoredBits(first.directory, sequences)) - one.validationBits)).toBeLessThan(1e-5);
  expect(one.shape.predictedTokens).toBe(one.shape.vocabularySize);
});

test.each([
  ['in full', {}],
  ['with adapters', { lora }],
])('cut off and gone on from, %s, the folder is the same byte for byte', async (_what, changes) => {
  const start = await importedTiny();
  const recipe = { batchTokens: 8, accumulation: 2, dropout: 0.1, evaluateEverySteps: 2 };
  const options = { ...changes, recipe, maxEpochs: 6, validation: threeLines };
  const whole = await train(fineTuning(start, options));
  const checkpoint = { directory: join(emptyFolder(), 'run'), everyMs: 0 };
  const abort = new AbortController();
  const cut = trainText(fineTuning(start, { ...options, checkpoint }), {
    signal: abort.signal,
    progress: ({ epoch }) => void (epoch === 3 && abort.abort()),
  });
  await expect(cut).rejects.toMatchObject({ code: 'CANCELLED' });
  const seen: TrainProgress[] = [];
  const resumed = await trainText(fineTuning(start, { ...options, checkpoint }), {
    signal: new AbortController().signal,
    progress: (value) => seen.push(value),
  });
  expect(seen.at(-1)?.resumedFromStep).toBeGreaterThan(0);
  expect(resumed.files).toEqual(whole.files);
});

test('a checkpoint of another start, or of another tokenizer, is not gone on from', async () => {
  const checkpoint = { directory: join(emptyFolder(), 'run'), everyMs: 0 };
  const resumedFrom = async (start: string): Promise<number | null | undefined> => {
    const seen: TrainProgress[] = [];
    const context = { signal: new AbortController().signal, progress: (value: TrainProgress) => seen.push(value) };
    await trainText(fineTuning(start, { checkpoint, maxEpochs: 2 }), context);
    return seen.at(-1)?.resumedFromStep;
  };
  const start = await importedTiny();
  expect(await resumedFrom(start)).toBeNull();
  expect(await resumedFrom(start)).toBeGreaterThan(0);
  const path = join(start, 'tokenizer.json');
  writeFileSync(path, ` ${readFileSync(path, 'utf8')}`);
  expect(await resumedFrom(start)).toBeNull();
  const other = await importedTiny(['<OTHER>', '<NAMES>']);
  expect(await resumedFrom(other)).toBeNull();
});

test('cancelled, nothing is left in the folder', async () => {
  const abort = new AbortController();
  const input = fineTuning(await importedTiny(), { maxEpochs: 10_000, patience: 10_000 });
  const running = trainText(input, { signal: abort.signal, progress: () => abort.abort() });
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(readdirSync(input.directory)).toEqual([]);
});

const changedShape = (start: string, changes: Record<string, unknown>): void => {
  const path = join(start, 'shape.json');
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as TextModelShape), ...changes }));
};

test.each<[string, (start: string) => void, Partial<TrainTextInput>, string, RegExp]>([
  ['a model that came as a graph', (start) => changedShape(start, { form: 'graph' }), {}, 'BAD_REQUEST', /ONNX graph/],
  [
    'weights that were cut short',
    (start) => truncateSync(join(start, 'model.safetensors'), 30_000),
    {},
    'MODEL_INVALID',
    /cut short/,
  ],
  [
    'a tokenizer of more tokens',
    (start) => changedShape(start, { vocabularySize: 280, predictedTokens: 280 }),
    {},
    'MODEL_INVALID',
    /do not belong together/,
  ],
  [
    'weights of another shape',
    (start) => changedShape(start, { layers: 3 }),
    {},
    'MODEL_INVALID',
    /h\.2\.ln_1\.weight is missing/,
  ],
  ['no shape', (start) => writeFileSync(join(start, 'shape.json'), 'null'), {}, 'MODEL_INVALID', /not the shape/],
  [
    'a token that the model does not have',
    () => undefined,
    { training: packSequences([[1, 290]]) },
    'BAD_REQUEST',
    /290 is outside/,
  ],
  ['nothing to learn', () => undefined, { training: none }, 'BAD_REQUEST', /nothing to train on/],
])('%s is refused in words, and nothing is written', async (_what, harm, changes, code, says) => {
  const start = await importedTiny();
  harm(start);
  for (const adapters of [{}, { lora }]) {
    const input = fineTuning(start, { ...changes, ...adapters });
    await expect(train(input)).rejects.toMatchObject({ code, message: expect.stringMatching(says) as string });
    expect(readdirSync(input.directory)).toEqual([]);
  }
});
