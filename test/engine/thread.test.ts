/** @file The engine as a real worker thread. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type Transferable } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import type { EngineMethods } from '../../src/shared/engineProtocol.ts';
import { connectPort, type Client } from '../../src/shared/port.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { randomModel, tinyShape } from '../trainer/models.ts';

function startThread(): { worker: Worker; engine: Client<EngineMethods> } {
  const worker = new Worker(fileURLToPath(new URL('../../src/main/engine/main.ts', import.meta.url)), {
    execArgv: [],
  });
  onTestFinished(async () => void (await worker.terminate()));
  const engine = connectPort<EngineMethods>(
    {
      post: (message, transfer) => worker.postMessage(message, transfer as readonly Transferable[] | undefined),
      onMessage: (listener) => void worker.on('message', listener),
      onGone: (listener) => void worker.once('exit', (code) => listener(`exit code ${code}`)),
    },
    'engine',
  );
  return { worker, engine };
}

/** Sequences that are all different, so that nothing is scored from memory. */
function distinctSequences(count: number): number[][] {
  return Array.from({ length: count }, (_, i) => [
    1,
    ...Array.from({ length: 6 }, (_digit, j) => 4 + ((i >> (3 * j)) & 7)),
    2,
  ]);
}

test('loads, scores with progress, explains', async () => {
  const { engine } = startThread();
  const info = await engine.call('load', {
    modelId: 'm',
    directory: await randomModel(tinyShape, 1),
    shape: tinyShape,
  });
  expect(info).toMatchObject({ loaded: ['m'] });
  const done: number[] = [];
  const sequences = packSequences(distinctSequences(2000));
  const { bits } = await engine.call(
    'score',
    { modelId: 'm', sequences },
    { onProgress: ({ doneSequences }) => done.push(doneSequences) },
  );
  expect(bits.length).toBe(sequences.ids.length);
  expect(done.length).toBeGreaterThan(0);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(done.at(-1)).toBeLessThanOrEqual(2000);
  const explained = await engine.call('explain', {
    modelId: 'm',
    ids: Int32Array.of(1, 4, 5),
    positions: Int32Array.of(2),
    top: 2,
  });
  expect(explained.ids.length).toBe(2);
});

test('a cancel is seen between batches and an explanation is answered during a long scoring (a thread deaf while it works)', async () => {
  const { worker, engine } = startThread();
  await engine.call('load', { modelId: 'm', directory: await randomModel(tinyShape, 1), shape: tinyShape });
  const answers: unknown[] = [];
  worker.on('message', (message: { kind: string; error?: { code: string } }) => {
    if (message.kind !== 'progress') answers.push(message.error?.code ?? message.kind);
  });
  const abort = new AbortController();
  const sequences = packSequences(distinctSequences(150_000));
  const scoring = engine.call('score', { modelId: 'm', sequences }, { signal: abort.signal });
  scoring.catch(() => undefined);
  await engine.call('explain', { modelId: 'm', ids: Int32Array.of(1, 4), positions: Int32Array.of(1), top: 1 });
  expect(answers).toEqual(['result']);
  abort.abort();
  await expect(scoring).rejects.toMatchObject({ code: 'CANCELLED' });
  await engine.call('info', undefined);
  // Whether the batch at hand ends before the second request comes is chance.
  await expect.poll(() => answers.toSorted()).toEqual(['CANCELLED', 'result', 'result']);
});

test('a damaged model is a coded error and the thread lives on', async () => {
  const { engine } = startThread();
  const directory = await randomModel(tinyShape, 1);
  await writeFile(join(directory, 'score.onnx'), 'not a model');
  await expect(engine.call('load', { modelId: 'm', directory, shape: tinyShape })).rejects.toMatchObject({
    code: 'MODEL_INVALID',
  });
  expect((await engine.call('info', undefined)).loaded).toEqual([]);
});

test('the end of the thread is told to whoever waits', async () => {
  const { worker, engine } = startThread();
  await engine.call('info', undefined);
  await worker.terminate();
  await expect(engine.call('info', undefined)).rejects.toMatchObject({ code: 'PROCESS_GONE' });
});
