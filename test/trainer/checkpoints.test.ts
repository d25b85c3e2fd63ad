/** @file Cut off and gone on from equals never cut off; a checkpoint that is not whole, or of another input, is not used. */
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TrainInput, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { CheckpointFolder } from '../../trainer/files/checkpoint.ts';
import { fingerprintOf } from '../../trainer/train/fingerprint.ts';
import { Gate } from '../../trainer/train/gate.ts';
import { createBackend, type CreateBackend } from '../../trainer/train/providers.ts';
import type { Trained } from '../../trainer/train/run.ts';
import { keyTask } from '../../trainer/train/task.ts';
import { trainModel } from '../../trainer/train/train.ts';
import { coinSessions, temporaryDirectory, trainInput } from './models.ts';

/** Several batches an epoch, masks drawn by step, and an end decided by patience. */
const recipe = { batchTokens: 40, countPerEntry: 4 };

function inputOf(directory: string | null, changes: Partial<TrainInput> = {}): TrainInput {
  const checkpoint = directory === null ? null : { directory, everyMs: 0 };
  return trainInput('', { maxEpochs: 4, patience: 2, unseenRate: 0.1, recipe, checkpoint, ...changes });
}

type Ended = { trained: Trained; seen: TrainProgress[] };

/** Trains to the end, or to the first moment after `stopAfter` calls of progress. */
async function run(input: TrainInput, stopAfterStep = Infinity, create = createBackend): Promise<Ended | undefined> {
  const abort = new AbortController();
  const seen: TrainProgress[] = [];
  let steps = 0;
  const counted = new Proxy(abort.signal, {
    get: (signal, key) => {
      if (key === 'aborted') return ++steps > stopAfterStep || signal.aborted;
      const value: unknown = Reflect.get(signal, key);
      return typeof value === 'function' ? value.bind(signal) : value;
    },
  });
  try {
    const trained = await trainModel(input, { signal: counted, progress: (value) => seen.push(value), create });
    return { trained, seen };
  } catch (error) {
    expect(error).toMatchObject({ code: 'CANCELLED' });
    return undefined;
  }
}

function bytesOf(trained: Trained | undefined): Buffer {
  return trained ? Buffer.from(trained.parameters.buffer) : Buffer.alloc(0);
}

async function whole(changes: Partial<TrainInput> = {}): Promise<Ended> {
  const ended = await run(inputOf(null, changes));
  if (!ended) throw new Error('It was to run to its end.');
  return ended;
}

test('cut off after any step and gone on from equals uninterrupted, byte for byte (moments, order, masks or the best lost)', async () => {
  const { trained } = await whole();
  for (const steps of [1, 2, 9, 10, 11, 23, 39]) {
    const directory = await temporaryDirectory();
    await run(inputOf(directory), steps);
    const second = await run(inputOf(directory));
    expect(second?.seen.at(-1)?.resumedFromStep, `after ${steps}`).toBeGreaterThan(0);
    expect({ ...second?.trained, elapsedMs: 0 }, `after ${steps}`).toEqual({ ...trained, elapsedMs: 0 });
  }
});

/** The weight of one target is no number in the third step, whichever start of the run it is in. */
const harmed: CreateBackend = async (provider, options) => {
  const backend = await createBackend(provider, options);
  return {
    step: (given) =>
      backend.step({
        ...given,
        fill: (batch, index) => {
          const filled = given.fill(batch, index);
          return given.step === 3 ? { ...filled, weights: filled.weights.map(() => NaN) } : filled;
        },
      }),
    loss: (batch, arrays) => backend.loss(batch, arrays),
    download: () => backend.download(),
    upload: () => backend.upload(),
    release: () => backend.release(),
  };
};

test('so it does across a step whose gradients are not finite, which is told and not summed (an epoch without a loss)', async () => {
  const ended = await run(inputOf(null), Infinity, harmed);
  expect(ended?.trained.trainingBits).toBeGreaterThan(0);
  expect(ended?.trained.parameters.every(Number.isFinite)).toBe(true);
  expect(ended?.seen.at(-1)?.skippedSteps).toBe(1);
  expect(ended?.seen.every(({ trainingBits }) => Number.isFinite(trainingBits))).toBe(true);
  for (const steps of [2, 3, 4, 5, 9, 23]) {
    const directory = await temporaryDirectory();
    await run(inputOf(directory), steps, harmed);
    const second = await run(inputOf(directory), Infinity, harmed);
    expect(second?.seen.at(-1)?.skippedSteps, `after ${steps}`).toBe(1);
    expect({ ...second?.trained, elapsedMs: 0 }, `after ${steps}`).toEqual({ ...ended?.trained, elapsedMs: 0 });
  }
});

test('so it does with dropout, several micro-batches a step, and validation within the epoch', async () => {
  const own = { ...recipe, dropout: 0.2, accumulation: 2, evaluateEverySteps: 2 };
  const { trained } = await whole({ recipe: own });
  for (const moments of [1, 3, 10, 11, 12, 13, 14, 30]) {
    const directory = await temporaryDirectory();
    await run(inputOf(directory, { recipe: own }), moments);
    const second = await run(inputOf(directory, { recipe: own }));
    expect({ ...second?.trained, elapsedMs: 0 }, `after ${moments}`).toEqual({ ...trained, elapsedMs: 0 });
  }
});

test('cut off again and again it still arrives, and its curve has every epoch once (a run that never gets past its checkpoint)', async () => {
  const { trained, seen } = await whole();
  const directory = await temporaryDirectory();
  let ended: Ended | undefined;
  for (let i = 0; !ended && i < 100; i++) ended = await run(inputOf(directory), 7);
  expect(bytesOf(ended?.trained).equals(bytesOf(trained))).toBe(true);
  const epochs = (points: readonly TrainProgress[]): [number, number | null][] => {
    const last = new Map(points.map(({ epoch, validationBits }) => [epoch, validationBits] as const));
    return [...last.entries()];
  };
  expect(epochs(ended?.seen ?? []).at(-1)).toEqual(epochs(seen).at(-1));
  expect(epochs(ended?.seen ?? []).map(([epoch]) => epoch)).toEqual(epochs(seen).map(([epoch]) => epoch));
});

test('a run that had ended gives its model again without training (killed while the model was written)', async () => {
  const directory = await temporaryDirectory();
  const first = await run(inputOf(directory));
  const again = await run(inputOf(directory));
  expect(again?.seen.every(({ resumedFromStep }) => resumedFromStep !== null)).toBe(true);
  expect(bytesOf(again?.trained).equals(bytesOf(first?.trained))).toBe(true);
});

test.each<[string, Partial<TrainInput>]>([
  ['seed', { seed: 2 }],
  ['learning rate', { learningRate: 5e-3 }],
  ['training data', { training: coinSessions(199, 1) }],
  ['validation data', { validation: coinSessions(50, 3) }],
])('another %s starts anew and says so (the checkpoint of another input taken)', async (_what, changes) => {
  const directory = await temporaryDirectory();
  await run(inputOf(directory), 15);
  const other = await run(inputOf(directory, changes));
  const { trained } = await whole(changes);
  expect(other?.seen.at(-1)).toMatchObject({ resumedFromStep: null, refusedCheckpoints: 2 });
  expect(bytesOf(other?.trained).equals(bytesOf(trained))).toBe(true);
});

test('two are kept, none half written; where the newest was harmed the one before is used', async () => {
  const { trained } = await whole();
  const directory = await temporaryDirectory();
  await run(inputOf(directory), 15);
  const names = (await readdir(directory)).toSorted();
  expect(names).toHaveLength(2);
  expect(names.every((name) => name.endsWith('.checkpoint'))).toBe(true);
  const [older, newest] = names.map((name) => join(directory, name));
  await truncate(newest ?? '', 5000);
  await writeFile(join(directory, 'step-000000000099.checkpoint.tmp'), 'cut off');
  const resumed = await run(inputOf(directory));
  const olderStep = Number(/step-(\d+)/.exec(older ?? '')?.[1]);
  expect(resumed?.seen.at(-1)).toMatchObject({ resumedFromStep: olderStep, refusedCheckpoints: 1 });
  expect(bytesOf(resumed?.trained).equals(bytesOf(trained))).toBe(true);
  expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('any byte flipped and any cut is seen (half a checkpoint trained on)', async () => {
  const directory = await temporaryDirectory();
  const folder = new CheckpointFolder(directory, 'input');
  const array = Float32Array.of(1, 2, 3);
  await folder.write(7, { step: 7 }, [array]);
  const path = join(directory, 'step-000000000007.checkpoint');
  const good = await readFile(path);
  const into = new Float32Array(3);
  expect(await folder.read([into])).toEqual({ state: { step: 7 }, refused: 0 });
  expect([...into]).toEqual([1, 2, 3]);
  const harmed = fc.oneof(
    fc.integer({ min: 0, max: good.length - 1 }).map((cut) => good.subarray(0, cut)),
    fc.tuple(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
      const bytes = Buffer.from(good);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      return bytes;
    }),
    fc.uint8Array({ maxLength: 200 }),
  );
  await fc.assert(
    fc.asyncProperty(harmed, async (bytes) => {
      await writeFile(path, bytes);
      into.fill(0);
      expect(await folder.read([into])).toEqual({ state: null, refused: 1 });
      expect([...into]).toEqual([0, 0, 0]);
    }),
    { numRuns: 200 },
  );
});

test('an input is told by what it is, not by who made it or where it lies', async () => {
  const input = inputOf('here');
  const { seed, ...rest } = input;
  const same = keyTask({ ...rest, checkpoint: null, intraOpThreads: 2, seed });
  expect(await fingerprintOf(same)).toBe(await fingerprintOf(keyTask(input)));
});

test('paused, it stands still with its checkpoint written, goes on when told, and ends the same', async () => {
  const { trained } = await whole();
  const directory = await temporaryDirectory();
  const gate = new Gate();
  const input = { ...inputOf(null), checkpoint: { directory, everyMs: 1e9 } };
  const seen: TrainProgress[] = [];
  const context = { signal: new AbortController().signal, progress: (v: TrainProgress) => seen.push(v), gate };
  const running = trainModel(input, context);
  await gate.pause();
  const atPause = seen.length;
  expect(await readdir(directory)).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen.length).toBe(atPause);
  const killedHere = await run({ ...input, checkpoint: { directory, everyMs: 1e9 } });
  gate.resume();
  expect(bytesOf(await running).equals(bytesOf(trained))).toBe(true);
  expect(bytesOf(killedHere?.trained).equals(bytesOf(trained))).toBe(true);
});

test('a paused run can be cancelled (a gate that holds for ever)', async () => {
  const abort = new AbortController();
  const gate = new Gate();
  const running = trainModel(inputOf(null), { signal: abort.signal, progress: () => undefined, gate });
  const ended = expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  await gate.pause();
  abort.abort();
  await ended;
});
