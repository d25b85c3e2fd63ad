/** @file The trainer as a real process, forked as main forks it. */
import { fork, type ChildProcess, type Serializable } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { AlignProgress } from '../../src/shared/alignProtocol.ts';
import { connectPort, type Client } from '../../src/shared/port.ts';
import type { TrainerMethods, TrainInput, TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { alignInput, verdicts } from './aligning.ts';
import { randomParameters, temporaryDirectory, tinyShape, trainInput } from './models.ts';
import { fineTuning, importedTiny } from './textTrainingInput.ts';

const entry = fileURLToPath(new URL('../../trainer/main.ts', import.meta.url));
const endless = { maxEpochs: 100_000, patience: 100_000 };

/** What Electron puts on `process` in a utility process, over the channel that a plain fork has. */
const parentPort = `process.parentPort = {
  on: (event, listener) => process.on(event, (data) => listener({ data })),
  postMessage: (message) => process.connected && process.channel && send(message),
};
const send = process.send.bind(process);
process.send = undefined;`;
const asUtilityProcess = ['--import', `data:text/javascript,${encodeURIComponent(parentPort)}`];

function startTrainer(execArgv: string[] = []): { child: ChildProcess; trainer: Client<TrainerMethods> } {
  const child = fork(entry, { serialization: 'advanced', execArgv });
  onTestFinished(() => void child.kill());
  const trainer = connectPort<TrainerMethods>(
    {
      post: (message) => void child.send(message as Serializable),
      onMessage: (listener) => void child.on('message', listener),
      onGone: (listener) => void child.once('exit', (code) => listener(`exit code ${code}`)),
    },
    'trainer',
  );
  return { child, trainer };
}

/** Something that it does beside a training. */
async function answered(trainer: Client<TrainerMethods>): Promise<{ files: unknown[] }> {
  return trainer.call('write_random_model', { directory: await temporaryDirectory(), shape: tinyShape, seed: 1 });
}

/** Linux: of each thread. */
async function niceOf(pid: number): Promise<Set<number>> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder);
  const stats = await Promise.all(threads.map((thread) => readFile(join(folder, thread, 'stat'), 'utf8')));
  return new Set(stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])));
}

test.runIf(process.platform === 'linux')(
  'every thread that trains steps back, also those that ran before training',
  async () => {
    const { child, trainer } = startTrainer();
    const cancelled = new AbortController();
    const input = { ...trainInput(await temporaryDirectory()), ...endless };
    const begun = Promise.withResolvers<undefined>();
    const options = { signal: cancelled.signal, onProgress: () => begun.resolve(undefined) };
    const training = trainer.call('train', input, options);
    training.catch(() => undefined);
    await begun.promise;
    expect(await niceOf(child.pid ?? 0)).toEqual(new Set([19]));
    cancelled.abort();
    await expect(training).rejects.toMatchObject({ code: 'CANCELLED' });
  },
);

test('training that is asked without a rest to give way comes to its end', async () => {
  const { trainer } = startTrainer();
  const asking = setInterval(() => void trainer.call('give_way', { forMs: 1000 }).catch(() => undefined), 20);
  onTestFinished(() => clearInterval(asking));
  const output = await trainer.call('train', trainInput(await temporaryDirectory()));
  expect(output.validationBits).toBeLessThan(0.5);
});

test('trains, reports progress and leaves the files', async () => {
  const { trainer } = startTrainer();
  const directory = await temporaryDirectory();
  const seen: TrainProgress[] = [];
  const output = await trainer.call('train', trainInput(directory), { onProgress: (value) => seen.push(value) });
  expect(output.validationBits).toBeLessThan(0.5);
  expect(output.files.map(({ name }) => name)).toEqual([
    'weights.safetensors',
    'score.onnx',
    'score-int8.onnx',
    'explain.onnx',
    'shape.json',
  ]);
  expect((await readdir(directory)).length).toBe(5);
  expect(seen.at(-1)?.epoch).toBe(output.epochs);
});

test('speaks over the parent port of an Electron utility process where there is one (messages left in their events)', async () => {
  const { trainer } = startTrainer(asUtilityProcess);
  expect((await answered(trainer)).files).toHaveLength(5);
});

test('a cancel reaches a running training; the process then trains again (a loop that never lets messages in)', async () => {
  const { child, trainer } = startTrainer();
  const directory = await temporaryDirectory();
  const abort = new AbortController();
  const errors: unknown[] = [];
  child.on('message', (message: { kind?: string; error?: unknown }) => {
    if (message.kind === 'error') errors.push(message.error);
  });
  const endlessRun = trainer.call('train', trainInput(directory, endless), {
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  await expect(endlessRun).rejects.toMatchObject({ code: 'CANCELLED' });
  const output = await trainer.call('train', trainInput(directory, { maxEpochs: 2 }));
  expect(output.epochs).toBe(2);
  expect(errors).toEqual([expect.objectContaining({ code: 'CANCELLED' })]); // the process's own answer
});

test('a second training while one runs is a conflict; other methods are answered meanwhile', async () => {
  const { trainer } = startTrainer();
  const directory = await temporaryDirectory();
  const abort = new AbortController();
  const running = trainer.call('train', trainInput(directory, endless), { signal: abort.signal });
  await expect(trainer.call('train', trainInput(directory))).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await answered(trainer)).files).toHaveLength(5);
  abort.abort();
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('text models are trained by the process, too; what is tried leaves nothing, and not while a run is under way', async () => {
  const { trainer } = startTrainer();
  const text = fineTuning(await importedTiny(), { maxEpochs: 2, checkpoint: null });
  const trial = await trainer.call('try_text_training', text);
  expect(await readdir(text.directory)).toEqual([]);
  const { shape, files } = await trainer.call('train_text', text);
  expect([shape.predictedTokens, trial.trainedParameterCount]).toEqual([290, trial.parameterCount]);
  expect((await readdir(text.directory)).toSorted()).toEqual(files.map(({ name }) => name).toSorted());
  const keys = trainInput(await temporaryDirectory(), endless);
  const abort = new AbortController();
  const running = trainer.call('train', keys, { signal: abort.signal });
  await expect(trainer.call('try_training', keys)).rejects.toMatchObject({ code: 'CONFLICT' });
  abort.abort();
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  expect((await trainer.call('try_training', keys)).provider).toBe('cpu');
});

test('a refused request and a folder that is not there are coded errors, and the process lives on', async () => {
  const { trainer } = startTrainer();
  await expect(trainer.call('train', trainInput('', { maxEpochs: 0 }))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  const missing = `${await temporaryDirectory()}/missing`;
  await expect(trainer.call('train', trainInput(missing))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(answered(trainer)).resolves.toBeDefined();
});

test('ends by itself when main is gone (orphans that go on training)', async () => {
  const { child, trainer } = startTrainer();
  const running = trainer.call('train', trainInput(await temporaryDirectory(), endless));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  running.catch(() => undefined);
  await answered(trainer);
  child.disconnect();
  expect(await ended).toBe(0);
  await expect(running).rejects.toMatchObject({ code: 'PROCESS_GONE' });
});

test('killed in the middle, the next process goes on and writes the same weights (a checkpoint that only its own process can use)', async () => {
  const [whole, cut] = [await temporaryDirectory(), await temporaryDirectory()];
  const weights = (directory: string): Promise<Buffer> => readFile(join(directory, 'weights.safetensors'));
  const input = (directory: string): TrainInput =>
    trainInput(directory, {
      maxEpochs: 40,
      patience: 40,
      checkpoint: { directory: join(directory, 'run'), everyMs: 0 },
    });
  const first = startTrainer();
  const killed = first.trainer.call('train', input(cut), {
    onProgress: ({ epoch }) => void (epoch > 10 && first.child.kill('SIGKILL')),
  });
  await expect(killed).rejects.toMatchObject({ code: 'PROCESS_GONE' });
  const { trainer } = startTrainer();
  const seen: TrainProgress[] = [];
  await trainer.call('train', input(cut), { onProgress: (value) => seen.push(value) });
  expect(seen.at(-1)?.resumedFromStep).toBeGreaterThan(0);
  await trainer.call('train', { ...input(whole), checkpoint: null });
  expect((await weights(cut)).equals(await weights(whole))).toBe(true);
});

test('training by reward, killed within an epoch, goes on in the next process and writes the same weights', async () => {
  const [whole, cut] = [await temporaryDirectory(), await temporaryDirectory()];
  const input = await alignInput(randomParameters(tinyShape, 3), verdicts({ threshold: 3, leastSteps: 200 }));
  const checkpoint = { directory: join(cut, 'run'), everyMs: 0 };
  const first = startTrainer();
  const killed = first.trainer.call(
    'align',
    { ...input, directory: cut, checkpoint },
    {
      onProgress: ({ epoch, step, finished }) =>
        void (epoch > 1 && step > 3 && !finished && first.child.kill('SIGKILL')),
    },
  );
  await expect(killed).rejects.toMatchObject({ code: 'PROCESS_GONE' });
  const { trainer } = startTrainer();
  const seen: AlignProgress[] = [];
  const again = { ...input, directory: cut, checkpoint };
  const { epochs } = await trainer.call('align', again, { onProgress: (value) => seen.push(value) });
  expect(seen.at(-1)?.resumedFromStep).toBeGreaterThan(40);
  const uninterrupted = await trainer.call('align', { ...input, directory: whole });
  expect(epochs).toEqual(uninterrupted.epochs);
  const [one, other] = await Promise.all([cut, whole].map((at) => readFile(join(at, 'weights.safetensors'))));
  expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
});

test('pause and resume reach a running training, and are refused where none runs', async () => {
  const { trainer } = startTrainer();
  const directory = await temporaryDirectory();
  await expect(trainer.call('pause', undefined)).rejects.toMatchObject({ code: 'CONFLICT' });
  const checkpoint = { directory: join(directory, 'run'), everyMs: 1e9 };
  const running = trainer.call('train', trainInput(directory, { maxEpochs: 20, checkpoint }));
  await trainer.call('pause', undefined);
  expect(await readdir(checkpoint.directory)).toHaveLength(1);
  await trainer.call('resume', undefined);
  await expect(running).resolves.toMatchObject({ epochs: 20 });
});
