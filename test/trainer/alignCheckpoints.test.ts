/** @file Training by reward, cut off and gone on from, equals never cut off; a checkpoint that is not whole is not used; pausing is soon. */
import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { AlignInput, AlignProgress } from '../../src/shared/alignProtocol.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { alignModel } from '../../trainer/align/align.ts';
import type { Aligned } from '../../trainer/align/run.ts';
import { Gate } from '../../trainer/train/gate.ts';
import { trainModel } from '../../trainer/train/train.ts';
import { alignInput, strange, usual, verdicts } from './aligning.ts';
import { temporaryDirectory, trainInput } from './models.ts';

const context = { signal: new AbortController().signal, progress: () => undefined };
const trainedFor = async (maxEpochs: number): Promise<Float32Array> =>
  (await trainModel(trainInput('', { maxEpochs, patience: maxEpochs }), context)).parameters;
let trained: Float32Array;
let halfTrained: Float32Array;
beforeAll(async () => {
  [trained, halfTrained] = [await trainedFor(20), await trainedFor(3)];
});

const judged = { labelled: packSequences([strange, usual]), isThreat: [true, true], threshold: 1, leastSteps: 30 };
/** A verdict is wrong and rates are high: normal sequences drift and the hold is tightened. Of the Top-K run an early epoch is kept. */
const inputs = {
  expected_reward: () => alignInput(trained, verdicts(judged), { epochs: 3, learningRate: 1e-2 }),
  kto: () => alignInput(trained, verdicts({ ...judged, form: 'kto' }), { epochs: 3, learningRate: 1e-2 }),
  top_k: () => alignInput(halfTrained, { kind: 'top_k', k: 2 }, { epochs: 3, batchSequences: 128, learningRate: 3e-3 }),
} satisfies Record<string, () => Promise<AlignInput>>;

type Ended = { aligned: Aligned; seen: AlignProgress[] };

/** Runs to the end, or to the moment after it was asked `moments` times whether it was cancelled: once for each batch. */
async function run(input: AlignInput, moments = Infinity): Promise<Ended | undefined> {
  const { signal } = new AbortController();
  let asked = 0;
  const counted = new Proxy(signal, {
    get: (target, key) => {
      if (key === 'aborted') return ++asked > moments;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const seen: AlignProgress[] = [];
  try {
    const aligned = await alignModel(input, { signal: counted, progress: (value) => seen.push(value) });
    return { aligned, seen };
  } catch (error) {
    expect(error).toMatchObject({ code: 'CANCELLED' });
    return undefined;
  }
}

/** But when it pauses, and at its end. */
const never = 1e9;

function withCheckpoints(input: AlignInput, directory: string, everyMs = 0): AlignInput {
  return { ...input, checkpoint: { directory, everyMs } };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** All but the time it took. */
function comparable(ended: Ended | undefined): unknown {
  return ended && { ...ended.aligned, elapsedMs: 0, parameters: bytesOf(ended.aligned.parameters) };
}

test.each(Object.entries(inputs))(
  '%s cut off at any batch and gone on from equals uninterrupted (moments, the best, the hold or the baseline lost)',
  async (_name, inputOf) => {
    const input = await inputOf();
    const whole = await run(input);
    expect(whole?.aligned.keptEpoch).toBeGreaterThan(0);
    const told = whole?.seen.flatMap(({ finished }) => (finished ? [finished] : []));
    for (const moments of [1, 18, 42, 60]) {
      const directory = await temporaryDirectory();
      expect(await run(withCheckpoints(input, directory), moments)).toBeUndefined();
      const second = await run(withCheckpoints(input, directory, never));
      expect(comparable(second), `after ${moments}`).toEqual(comparable(whole));
      expect(second?.seen.flatMap(({ finished }) => (finished ? [finished] : []))).toEqual(told);
      expect(second?.seen.at(-1)).toMatchObject({ resumedFromStep: expect.any(Number), refusedCheckpoints: 0 });
    }
  },
);

test('in those runs the hold is tightened, and what is kept is not what is last (tests that compare too little)', async () => {
  const [kto, topK] = [await run(await inputs.kto()), await run(await inputs.top_k())];
  expect(kto?.aligned.epochs[1]?.drift).toBeGreaterThan(0.01);
  expect(topK?.aligned.keptEpoch).toBe(1);
});

test('a run that had ended gives its model again without a step (killed while the model was written)', async () => {
  const input = withCheckpoints(await inputs.kto(), await temporaryDirectory(), never);
  const first = await run(input);
  const again = await run(input, 1); // not even asked a second time
  expect(comparable(again)).toEqual(comparable(first));
});

test('a torn checkpoint is refused, said, and the one before it used', async () => {
  const input = await inputs.expected_reward();
  const directory = await temporaryDirectory();
  await run(withCheckpoints(input, directory), 60);
  const names = (await readdir(directory)).toSorted();
  expect(names).toHaveLength(2);
  await truncate(join(directory, names[1] ?? ''), 5000);
  const resumed = await run(withCheckpoints(input, directory));
  const olderStep = Number(/step-(\d+)/.exec(names[0] ?? '')?.[1]);
  expect(resumed?.seen.at(-1)).toMatchObject({ resumedFromStep: olderStep, refusedCheckpoints: 1 });
  expect(comparable(resumed)).toEqual(comparable(await run(input)));
});

test.each<[string, Partial<AlignInput>]>([
  ['verdict', { objective: verdicts({ ...judged, isThreat: [true, false] }) }],
  ['threshold', { objective: verdicts({ ...judged, threshold: 3.1 }) }],
  ['set of normal sequences', { replay: packSequences([usual]) }],
  ['seed', { seed: 2 }],
])('another %s starts anew (the checkpoint of another input taken)', async (_what, changes) => {
  const input = await inputs.expected_reward();
  const directory = await temporaryDirectory();
  await run(withCheckpoints(input, directory), 20);
  const changed = { ...input, ...changes, epochs: 1 };
  const ended = await run(withCheckpoints(changed, directory, never));
  expect(ended?.seen.at(-1)).toMatchObject({ resumedFromStep: null, refusedCheckpoints: 2 });
});

test('paused, it stands still within the step with its checkpoint written, goes on when told, and ends the same', async () => {
  const input = await inputs.expected_reward();
  const whole = await run(input);
  const directory = await temporaryDirectory();
  const gate = new Gate();
  const seen: AlignProgress[] = [];
  const running = alignModel(withCheckpoints(input, directory, never), {
    signal: new AbortController().signal,
    progress: (value) => seen.push(value),
    gate,
  });
  await gate.pause();
  const atPause = seen.length;
  expect(await readdir(directory)).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen.length).toBe(atPause);
  const killedHere = await run(withCheckpoints(input, directory, never));
  gate.resume();
  const aligned = await running;
  expect(comparable({ aligned, seen })).toEqual(comparable(whole));
  expect(comparable(killedHere)).toEqual(comparable(whole));
});
