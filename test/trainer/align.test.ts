/** @file Training by reward: verdicts move scores the right way and leave normal sequences alone; the Top-K stage raises its hit rate. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { AlignInput, AlignOutput, AlignProgress } from '../../src/shared/alignProtocol.ts';
import { decisionRewards } from '../../src/shared/decisions.ts';
import { keyTokens, packSequences } from '../../src/shared/sequences.ts';
import { alignModel } from '../../trainer/align/align.ts';
import type { Aligned } from '../../trainer/align/run.ts';
import { createHandlers } from '../../trainer/handlers.ts';
import { gpt2Parameters } from '../../trainer/gpt2/spec.ts';
import { trainModel } from '../../trainer/train/train.ts';
import { alignInput, scoreOf, strange, usual, verdicts } from './aligning.ts';
import { temporaryDirectory, tinyShape, trainInput } from './models.ts';

const other = [keyTokens.begin, 4, 7, 6, 9, keyTokens.end];
const context = { signal: new AbortController().signal, progress: () => undefined };

let trained: Float32Array;
beforeAll(async () => {
  trained = (await trainModel(trainInput('', { maxEpochs: 25, patience: 25 }), context)).parameters;
});

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
      const { parameters, epochs, keptEpoch } = await alignModel(await alignInput(trained, objective), context);
      const moved = (await scoreOf(parameters, sequence, 'mean')) - before;
      if (way === 0) expect(moved).toBeLessThan(0.005);
      else expect(way * moved).toBeGreaterThan(0.05);
      expect(keptEpoch).toBeGreaterThan(0);
      expect(Math.abs(epochs[keptEpoch]?.drift ?? NaN)).toBeLessThan(0.02);
    },
  );
});

test('a model that could learn more of what is normal is not taught it by verdicts (normal sequences 7 % less surprising)', async () => {
  const { parameters: early } = await trainModel(trainInput('', { maxEpochs: 4, patience: 4 }), context);
  const threshold = (await scoreOf(early, strange, 'mean')) - 0.2;
  const input = await alignInput(early, verdicts({ threshold, leastSteps: 200 }), { learningRate: 1e-3 });
  const { epochs, keptEpoch } = await alignModel(input, context);
  expect(keptEpoch).toBeGreaterThan(0);
  expect(Math.abs(epochs[keptEpoch]?.drift ?? NaN)).toBeLessThan(0.02);
});

test('a threat far below the threshold still moves (the sigmoid has no slope there)', async () => {
  const before = await scoreOf(trained, strange, 'smooth_max');
  const objective = verdicts({ score: 'smooth_max', threshold: before + 5, temperature: 0.3 });
  const { parameters } = await alignModel(await alignInput(trained, objective), context);
  expect((await scoreOf(parameters, strange, 'smooth_max')) - before).toBeGreaterThan(0.3);
});

test('reward and accuracy rise over the epochs and are those of the cost table', async () => {
  const [a, b] = [await scoreOf(trained, strange, 'mean'), await scoreOf(trained, other, 'mean')];
  // Both on the wrong side: a missed threat and a false alarm.
  const threshold = (a + b) / 2;
  const labelled = packSequences([strange, other]);
  const objective = verdicts({ labelled, isThreat: [a < b, b < a], threshold, leastSteps: 120 });
  const { epochs, keptEpoch } = await alignModel(
    await alignInput(trained, objective, { epochs: 12, learningRate: 1e-3 }),
    context,
  );
  expect(epochs[0]).toMatchObject({ epoch: 0, reward: -7.5, accuracy: 0, drift: 0 });
  expect(epochs[keptEpoch]).toMatchObject({ reward: 5.5, accuracy: 1 });
});

test('what makes normal sequences unlikely is not kept (a model that alarms at everything)', async () => {
  const objective = verdicts({ labelled: packSequences([usual]), threshold: 3, temperature: 0.3 }); // normal, called a threat
  const { parameters, epochs, keptEpoch } = await alignModel(
    await alignInput(trained, objective, { learningRate: 0.05 }),
    context,
  );
  expect(epochs.some(({ drift }) => drift > 0.02)).toBe(true);
  expect(epochs[keptEpoch]?.drift).toBeLessThanOrEqual(0.02);
  if (keptEpoch === 0) expect(Buffer.from(parameters.buffer).equals(Buffer.from(trained.buffer))).toBe(true);
});

test('the Top-K stage raises its hit rate and leaves normal sequences as likely (pushed down where it missed; not held)', async () => {
  const input = await alignInput(trained, { kind: 'top_k', k: 2 }, { learningRate: 1e-3 });
  const { epochs, keptEpoch }: Aligned = await alignModel(input, context);
  const missRates = epochs.map(({ hitRate }) => 1 - (hitRate ?? NaN));
  expect(missRates[0]).toBeGreaterThan(0.02);
  expect(missRates[keptEpoch]).toBeLessThan(0.3 * (missRates[0] ?? NaN));
  expect(epochs[keptEpoch]?.drift).toBeLessThan(0.02);
});

describe('few verdicts', () => {
  /** Of what the kept model makes of the two sequences: how far from where they were. */
  const moved = async (labelled: number[][], isThreat: boolean[], threshold: number): Promise<number[]> => {
    const objective = verdicts({ labelled: packSequences(labelled), isThreat, threshold });
    const { parameters, epochs, keptEpoch } = await alignModel(await alignInput(trained, objective), context);
    expect(epochs[keptEpoch]?.drift).toBeLessThan(0.02);
    return Promise.all(
      [strange, other].map(
        async (sequence) => (await scoreOf(parameters, sequence, 'mean')) - (await scoreOf(trained, sequence, 'mean')),
      ),
    );
  };

  test('only threats all rise, only false alarms all fall (a class that is not there counted as the other)', async () => {
    const scores = [await scoreOf(trained, strange, 'mean'), await scoreOf(trained, other, 'mean')];
    const [up, otherUp] = await moved([strange, other], [true, true], Math.max(...scores) + 0.1);
    expect(Math.min(up ?? NaN, otherUp ?? NaN)).toBeGreaterThan(0.02);
    const [down, otherDown] = await moved([strange, other], [false, false], Math.min(...scores) - 0.1);
    expect(Math.max(down ?? NaN, otherDown ?? NaN)).toBeLessThan(-0.02);
  });

  test('one threat among many that are harmless still rises (drowned out by the larger class)', async () => {
    const harmless = Array.from({ length: 31 }, (_, i) => [
      keyTokens.begin,
      4,
      4 + (i % 6),
      9,
      4 + (i % 5),
      4 + (i % 4),
      9,
    ]);
    const isThreat = [...harmless.map(() => false), true];
    const threshold = (await scoreOf(trained, strange, 'mean')) + 0.2;
    const [up] = await moved([...harmless, strange], isThreat, threshold);
    expect(up).toBeGreaterThan(0.05);
  });

  test('a sequence judged twice counts as it was judged last', async () => {
    const threshold = (await scoreOf(trained, strange, 'mean')) + 0.2;
    const [up] = await moved([strange, strange], [false, true], threshold);
    expect(up).toBeGreaterThan(0.05);
  });
});

test('the costs weigh: the dearer a miss, the further threats rise beside the same false alarms (a table that nothing reads)', async () => {
  const threshold = ((await scoreOf(trained, strange, 'mean')) + (await scoreOf(trained, other, 'mean'))) / 2;
  const rise = async (falseNegative: number): Promise<number> => {
    const rewards = { ...decisionRewards, falseNegative };
    const objective = verdicts({
      rewards,
      labelled: packSequences([strange, other]),
      isThreat: [true, false],
      threshold,
    });
    const { parameters, epochs } = await alignModel(await alignInput(trained, objective), context);
    expect(epochs[0]?.reward).toBeOneOf([(10 - 5) / 2, (10 + 1) / 2, (falseNegative - 5) / 2, (falseNegative + 1) / 2]);
    return scoreOf(parameters, strange, 'mean');
  };
  expect(await rise(-60)).toBeGreaterThan((await rise(9)) + 0.02);
});

test('weights that were harmed are said to be (a score that is no number counted as left alone)', async () => {
  const harmed = trained.map((value) => value * 1e30);
  await expect(alignModel(await alignInput(harmed, verdicts({})), context)).rejects.toMatchObject({
    code: 'MODEL_INVALID',
  });
});

test('numbers that run away end the run with a sentence (steps that change nothing to the end)', async () => {
  // Logits near the end of what a number holds: the reference can still say them, one step later nobody can.
  const { offset, size } = gpt2Parameters(tinyShape).find(({ name }) => name === 'ln_f.weight') ?? {
    offset: 0,
    size: 0,
  };
  const edge = trained.map((value, i) => (i >= offset && i < offset + size ? value * 1e36 : value));
  const input = await alignInput(edge, verdicts({ threshold: 1e36, temperature: 1e36 }), { learningRate: 0.9 });
  await expect(alignModel(input, context)).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: 'Training by reward diverged with learning rate 0.9; try a smaller one.',
  });
});

test('one seed gives one model', async () => {
  const run = async (): Promise<Buffer> => {
    const { parameters } = await alignModel(
      await alignInput(trained, verdicts({ threshold: 3 }), { epochs: 1 }),
      context,
    );
    return Buffer.from(parameters.buffer);
  };
  expect((await run()).equals(await run())).toBe(true);
});

test.each<[string, Partial<AlignInput>]>([
  ['no verdict', { objective: verdicts({ labelled: packSequences([]), isThreat: [] }) }],
  ['only sequences of one token', { objective: verdicts({ labelled: packSequences([[4]]) }) }],
  ['a verdict too few', { objective: verdicts({ isThreat: [] }) }],
  ['no steps', { objective: verdicts({ leastSteps: 0 }) }],
  ['a temperature of zero', { objective: verdicts({ temperature: 0 }) }],
  ['a miss worth as much as a find', { objective: verdicts({ rewards: { ...decisionRewards, falseNegative: 10 } }) }],
  [
    'a false alarm worth more than rest',
    { objective: verdicts({ rewards: { ...decisionRewards, trueNegative: -6 } }) },
  ],
  ['a reward that is no number', { objective: verdicts({ rewards: { ...decisionRewards, truePositive: NaN } }) }],
  [
    'offsets that do not fit',
    { objective: verdicts({ labelled: { ids: Int32Array.of(1, 4), offsets: Int32Array.of(0, 9) } }) },
  ],
  ['a token that the model does not know', { objective: verdicts({ labelled: packSequences([[1, 99]]) }) }],
  ['a sequence longer than the context', { objective: verdicts({ labelled: packSequences([Array(20).fill(4)]) }) }],
  ['k beyond the vocabulary', { objective: { kind: 'top_k', k: 12 } }],
  ['no normal sequences', { replay: packSequences([]) }],
])('%s is refused', async (_what, changes) => {
  const input = await alignInput(trained, verdicts({}), changes);
  await expect(alignModel(input, context)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('the trainer process writes the model that was kept, and tells each epoch', async () => {
  const directory = await temporaryDirectory();
  const seen: number[] = [];
  const input = { ...(await alignInput(trained, verdicts({ threshold: 3 }))), directory };
  const told = {
    signal: context.signal,
    progress: ({ finished }: AlignProgress) => void (finished && seen.push(finished.epoch)),
  };
  const output = (await createHandlers().align(input, told)) as AlignOutput;
  expect(output).toMatchObject({ diverged: false });
  expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  expect(output.epochs).toHaveLength(6);
  expect(output.files.map(({ name }) => name)).toContain('score.onnx');
});
