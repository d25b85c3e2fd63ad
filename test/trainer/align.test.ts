/** @file Training by reward: verdicts move scores the right way and leave normal sequences alone; the Top-K stage raises its hit rate. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyTokens, packSequences } from '../../src/shared/sequences.ts';
import type { AlignInput, AlignOutput, VerdictObjective } from '../../src/shared/alignProtocol.ts';
import { alignModel, type Aligned } from '../../trainer/align/align.ts';
import { AlignModel } from '../../trainer/align/model.ts';
import { scoreSequence } from '../../trainer/align/scores.ts';
import { exportModel } from '../../trainer/files/export.ts';
import { createHandlers } from '../../trainer/handlers.ts';
import { cutPieces } from '../../trainer/train/pieces.ts';
import { trainModel } from '../../trainer/train/train.ts';
import { coinSessions, temporaryDirectory, tinyShape, trainInput } from './models.ts';

const normal = coinSessions(200, 1);
const usual = [keyTokens.begin, 4, 5, 6, 9, keyTokens.end];
const strange = [keyTokens.begin, 4, 5, 8, 9, keyTokens.end];
const context = { signal: new AbortController().signal, progress: () => undefined };

let trained: Float32Array;
let undertrained: Float32Array;
beforeAll(async () => {
  trained = (await trainModel(trainInput('', { maxEpochs: 25, patience: 25 }), context)).parameters;
  undertrained = (await trainModel(trainInput('', { maxEpochs: 1 }), context)).parameters;
});

async function inputOf(
  parameters: Float32Array,
  objective: AlignInput['objective'],
  changes: Partial<AlignInput> = {},
): Promise<AlignInput> {
  const directory = await temporaryDirectory();
  await exportModel(directory, tinyShape, parameters);
  return {
    directory: '',
    startWeights: join(directory, 'weights.safetensors'),
    shape: tinyShape,
    objective,
    replay: normal,
    epochs: 5,
    batchSequences: 32,
    learningRate: 3e-4,
    seed: 1,
    intraOpThreads: 1,
    ...changes,
  };
}

async function scoreOf(parameters: Float32Array, sequence: number[], kind: VerdictObjective['score']): Promise<number> {
  const model = await AlignModel.create(tinyShape, parameters, 1);
  const pieces = cutPieces(packSequences([sequence]), tinyShape.contextLength, tinyShape.vocabularySize);
  const surprises = await model.surprises(model.current, pieces, Int32Array.of(0));
  await model.release();
  return scoreSequence(surprises.get(0) ?? new Float32Array(1), kind).score;
}

function verdicts(changes: Partial<VerdictObjective>): VerdictObjective {
  return {
    kind: 'verdicts',
    form: 'expected_reward',
    score: 'mean',
    threshold: 1,
    temperature: 0.3,
    labelled: packSequences([strange]),
    isThreat: [true],
    ...changes,
  };
}

describe.each(['expected_reward', 'kto'] as const)('%s', (form) => {
  test.each([
    // The threshold is set beside the score, so that the same line stands in each cell in turn.
    { cell: 'a threat that was flagged', sequence: strange, isThreat: true, above: true, way: 1 },
    { cell: 'a threat that was missed', sequence: strange, isThreat: true, above: false, way: 1 },
    { cell: 'a false alarm', sequence: strange, isThreat: false, above: true, way: -1 },
    { cell: 'a normal that was left alone', sequence: usual, isThreat: false, above: false, way: 0 },
  ])(
    '$cell moves the right way, and normal sequences stay as likely to 2 %',
    async ({ sequence, isThreat, above, way }) => {
      const before = await scoreOf(trained, sequence, 'mean');
      const threshold = before + (above ? -0.2 : 0.2);
      const objective = verdicts({ form, threshold, labelled: packSequences([sequence]), isThreat: [isThreat] });
      const { parameters, epochs, keptEpoch } = await alignModel(await inputOf(trained, objective), context);
      const moved = (await scoreOf(parameters, sequence, 'mean')) - before;
      if (way === 0) expect(moved).toBeLessThan(0.005);
      else expect(way * moved).toBeGreaterThan(0.05);
      expect(keptEpoch).toBeGreaterThan(0);
      expect(Math.abs(epochs[keptEpoch]?.drift ?? NaN)).toBeLessThan(0.02);
    },
  );
});

test('a threat far below the threshold still moves (the sigmoid has no slope there)', async () => {
  const before = await scoreOf(trained, strange, 'smooth_max');
  const objective = verdicts({ score: 'smooth_max', threshold: before + 5, temperature: 0.3 });
  const { parameters } = await alignModel(await inputOf(trained, objective), context);
  expect((await scoreOf(parameters, strange, 'smooth_max')) - before).toBeGreaterThan(0.3);
});

test('reward and accuracy rise over the epochs and are those of the cost table', async () => {
  const other = [keyTokens.begin, 4, 7, 6, 9, keyTokens.end];
  const [a, b] = [await scoreOf(trained, strange, 'mean'), await scoreOf(trained, other, 'mean')];
  // Both on the wrong side: a missed threat and a false alarm.
  const threshold = (a + b) / 2;
  const labelled = packSequences([strange, other]);
  const objective = verdicts({ labelled, isThreat: [a < b, b < a], threshold, temperature: 0.3 });
  const { epochs, keptEpoch } = await alignModel(
    await inputOf(trained, objective, { epochs: 12, learningRate: 1e-3 }),
    context,
  );
  expect(epochs[0]).toMatchObject({ epoch: 0, reward: -7.5, accuracy: 0, drift: 0 });
  expect(epochs[keptEpoch]).toMatchObject({ reward: 5.5, accuracy: 1 });
});

test('what makes normal sequences unlikely is not kept (a model that alarms at everything)', async () => {
  const objective = verdicts({ labelled: packSequences([usual]), threshold: 3, temperature: 0.3 }); // normal, called a threat
  const { parameters, epochs, keptEpoch } = await alignModel(
    await inputOf(trained, objective, { learningRate: 0.05 }),
    context,
  );
  expect(epochs.some(({ drift }) => drift > 0.02)).toBe(true);
  expect(epochs[keptEpoch]?.drift).toBeLessThanOrEqual(0.02);
  if (keptEpoch === 0) expect(Buffer.from(parameters.buffer).equals(Buffer.from(trained.buffer))).toBe(true);
});

test('the Top-K stage raises its hit rate (likelihood pushed down where it missed)', async () => {
  const input = await inputOf(undertrained, { kind: 'top_k', k: 2 }, { epochs: 3, learningRate: 1e-3 });
  const { epochs, keptEpoch }: Aligned = await alignModel(input, context);
  const rates = epochs.map(({ hitRate }) => hitRate ?? NaN);
  expect(rates[keptEpoch]).toBeGreaterThan((rates[0] ?? NaN) + 0.05);
});

test('one seed gives one model', async () => {
  const run = async (): Promise<Buffer> => {
    const { parameters } = await alignModel(await inputOf(trained, verdicts({ threshold: 3 }), { epochs: 1 }), context);
    return Buffer.from(parameters.buffer);
  };
  expect((await run()).equals(await run())).toBe(true);
});

test.each<[string, Partial<AlignInput>]>([
  ['no verdict', { objective: verdicts({ labelled: packSequences([]), isThreat: [] }) }],
  ['a verdict too few', { objective: verdicts({ isThreat: [] }) }],
  ['a temperature of zero', { objective: verdicts({ temperature: 0 }) }],
  ['a token that the model does not know', { objective: verdicts({ labelled: packSequences([[1, 99]]) }) }],
  ['a sequence longer than the context', { objective: verdicts({ labelled: packSequences([Array(20).fill(4)]) }) }],
  ['k beyond the vocabulary', { objective: { kind: 'top_k', k: 12 } }],
  ['no normal sequences', { replay: packSequences([]) }],
])('%s is refused', async (_what, changes) => {
  const input = await inputOf(trained, verdicts({}), changes);
  await expect(alignModel(input, context)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('the trainer process writes the model that was kept, and tells each epoch', async () => {
  const directory = await temporaryDirectory();
  const seen: number[] = [];
  const input = { ...(await inputOf(trained, verdicts({ threshold: 3 }))), directory };
  const told = { signal: context.signal, progress: ({ epoch }: { epoch: number }) => void seen.push(epoch) };
  const output = (await createHandlers().align(input, told)) as AlignOutput;
  expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  expect(output.epochs).toHaveLength(6);
  expect(output.files.map(({ name }) => name)).toContain('score.onnx');
});
