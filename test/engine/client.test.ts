/** @file The engine as the app has it, when what runs it fails: real threads and processes, a GPU that is the CPU in disguise. */
import { afterEach, expect, test } from 'vitest';
import { EngineClient } from '../../src/main/app/engineClient.ts';
import { createNodeHost, sourceEntries } from '../../src/main/host/nodeHost.ts';
import type { EngineFailure } from '../../src/shared/engineReport.ts';
import type { Port } from '../../src/shared/port.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { randomModel, tinyShape } from '../trainer/models.ts';

/** All different, in several batches. */
const sequences = packSequences(
  Array.from({ length: 10_000 }, (_, i) => [
    1,
    ...Array.from({ length: 6 }, (_digit, j) => 4 + ((i >> (3 * j)) & 7)),
    2,
  ]),
);

const opened: EngineClient[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((engine) => engine.close()));
});

function openEngine(entry?: string): { engine: EngineClient; failures: EngineFailure[] } {
  const engineEntry = entry ? new URL(`entries/${entry}.ts`, import.meta.url) : sourceEntries.engine;
  const host = createNodeHost('test', { ...sourceEntries, engine: engineEntry });
  const failures: EngineFailure[] = [];
  const engine = new EngineClient({
    startThread: () => host.startThread('engine'),
    startProcess: () => {
      const child = host.startEngine();
      return { port: child.port, stop: () => child.kill() };
    },
    now: () => 5,
    silenceMs: 2000,
  });
  engine.onFailed = (failure) => failures.push(failure);
  opened.push(engine);
  return { engine, failures };
}

let reference: Promise<Float32Array> | undefined;
/** What the CPU says, in a thread that does not fail. */
const bitsOnCpu = (): Promise<Float32Array> => (reference ??= bitsOf(openEngine().engine));

/** Without a list of what differs, which would take minutes to write. */
function areSame(one: Float32Array, other: Float32Array): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

async function bitsOf(engine: EngineClient): Promise<Float32Array> {
  await engine.call('load', { modelId: 'm', directory: await randomModel(tinyShape, 1), shape: tinyShape });
  return (await engine.call('score', { modelId: 'm', sequences })).bits;
}

test.each([
  ['is lost in the middle', 'refuses', 'refused', /^the device was lost$/, 'thread'],
  ['takes its process down in the middle', 'crashes', 'ended', /^signal SIGKILL$/, 'process'],
  ['never comes back', 'hangs', 'silent', /^no answer for 2 s$/, 'process'],
  ['answers with no numbers', 'noNumbers', 'refused', /other than numbers/, 'thread'],
  ['differs from the CPU by 0.02 nat', 'differs', 'refused', /differ.*0\.020 nat/, 'thread'],
])(
  'a GPU that %s is replaced by the CPU: the same bits, and it is told',
  async (_what, entry, how, reason, homeAfter) => {
    const { engine, failures } = openEngine(entry);
    engine.use('webgpu');
    const bits = await bitsOf(engine);
    expect(areSame(bits, await bitsOnCpu())).toBe(true);
    expect(failures).toEqual([
      { provider: 'webgpu', home: 'process', at: 5, how, reason: expect.stringMatching(reason) as string },
    ]);
    expect([engine.provider, engine.homeKind]).toEqual(['cpu', homeAfter]);
  },
);

test('a thread that never comes back is left for a process of its own (a queue that waits for ever)', async () => {
  const { engine, failures } = openEngine('hangsInThread');
  expect(areSame(await bitsOf(engine), await bitsOnCpu())).toBe(true);
  expect(failures).toEqual([expect.objectContaining({ provider: 'cpu', home: 'thread', how: 'silent' })]);
  expect(engine.homeKind).toBe('process');
});

test('what takes down every process fails its own request with a sentence, and no other one', async () => {
  const { engine } = openEngine('crashesAlways');
  engine.use('webgpu');
  await expect(bitsOf(engine)).rejects.toMatchObject({
    code: 'PROCESS_GONE',
    message: expect.stringMatching(/failed 3 times on the same work \(exit code 3\).*try again/) as string,
  });
  expect((await engine.call('info', undefined)).loaded).toEqual([]);
});

test('requests that a crash cut off together are all answered, and it is told once', async () => {
  const { engine, failures } = openEngine('crashes');
  engine.use('webgpu');
  await engine.call('load', { modelId: 'm', directory: await randomModel(tinyShape, 1), shape: tinyShape });
  const explain = { modelId: 'm', ids: Int32Array.of(1, 4, 5), positions: Int32Array.of(2), top: 2 };
  const [scored, explained] = await Promise.all([
    engine.call('score', { modelId: 'm', sequences }),
    engine.call('explain', explain),
  ]);
  expect([scored.bits.length, explained.ids.length]).toEqual([sequences.ids.length, 2]);
  expect(failures).toHaveLength(1);
});

test('another provider takes over between requests; what is under way is finished by the one before', async () => {
  const { engine, failures } = openEngine('refuses');
  await engine.call('load', { modelId: 'm', directory: await randomModel(tinyShape, 1), shape: tinyShape });
  const scoring = engine.call('score', { modelId: 'm', sequences });
  engine.use('coreml');
  expect((await engine.call('info', undefined)).loaded).toEqual([]);
  const again = await engine.call('score', { modelId: 'm', sequences });
  expect(areSame((await scoring).bits, again.bits)).toBe(true);
  expect([engine.provider, engine.homeKind, failures]).toEqual(['coreml', 'process', []]);
});

// Bug: one that was left for another provider was not waited for: a session in native code took the app with it as it ended.
test('closing waits for an engine that was left and is still at work', async () => {
  let end: () => void = () => undefined;
  const port: Port = {
    post: () => undefined,
    onMessage: () => undefined,
    onGone: (listener) => (end = () => listener('it ended')),
  };
  const start = (): { port: Port; stop: () => Promise<void> } => ({ port, stop: () => Promise.resolve() });
  const engine = new EngineClient({ startThread: start, startProcess: start, now: () => 0 });
  const abort = new AbortController();
  const asked = engine.call('info', undefined, { signal: abort.signal });
  // Whoever asked has an answer; what was begun goes on.
  abort.abort();
  await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
  engine.use('coreml');
  let isClosed = false;
  const closing = engine.close().then(() => (isClosed = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isClosed).toBe(false);
  end();
  await closing;
});

test('an engine that is busy is not silent: progress counts as an answer', async () => {
  let answer: (message: unknown) => void = () => undefined;
  const port: Port = {
    post: (message) => {
      const { id } = message as { id: number };
      let left = 100;
      const timer = setInterval(() => {
        if (--left > 0) return answer({ kind: 'progress', id, value: { doneSequences: left } });
        clearInterval(timer);
        answer({ kind: 'result', id, output: { runtimeVersion: '1', loaded: [] } });
      }, 10);
    },
    onMessage: (listener) => (answer = listener),
    onGone: () => undefined,
  };
  const start = (): { port: Port; stop: () => Promise<void> } => ({ port, stop: () => Promise.resolve() });
  const engine = new EngineClient({ startThread: start, startProcess: start, now: () => 0, silenceMs: 400 });
  expect((await engine.call('info', undefined)).runtimeVersion).toBe('1');
});

test('a text model may be silent for longer than a key model (a large one taken for hung in the middle of its context)', async () => {
  let answer: (message: unknown) => void = () => undefined;
  let starts = 0;
  const port: Port = {
    post: (message) => {
      const { id } = message as { id: number };
      setTimeout(() => answer({ kind: 'result', id, output: { ids: Int32Array.of(7) } }), 600);
    },
    onMessage: (listener) => (answer = listener),
    onGone: () => undefined,
  };
  const start = (): { port: Port; stop: () => Promise<void> } => {
    starts++;
    return { port, stop: () => Promise.resolve() };
  };
  const engine = new EngineClient({ startThread: start, startProcess: start, now: () => 0, silenceMs: 100 });
  const input = { directory: 'm', ids: Int32Array.of(1), mostTokens: 1, temperature: 0, seed: 1, endId: null };
  expect((await engine.call('continue_text', input)).ids).toEqual(Int32Array.of(7));
  expect(starts).toBe(1);
});

test('only the models used last stay loaded; the others are loaded again when they are asked (memory that grows with every model)', async () => {
  const { engine } = openEngine();
  const ids = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'];
  const directory = await randomModel(tinyShape, 1);
  const few = packSequences([[1, 4, 5, 2]]);
  const bitsOfModel = async (modelId: string): Promise<number[]> =>
    [...(await engine.call('score', { modelId, sequences: few })).bits].slice(1);
  for (const modelId of ids) await engine.call('load', { modelId, directory, shape: tinyShape });
  await expect.poll(async () => (await engine.call('info', undefined)).loaded).toEqual(ids.slice(2));
  const expected = await bitsOfModel('m6');
  expect(await Promise.all([...ids, ...ids].map(bitsOfModel))).toEqual([...ids, ...ids].map(() => expected));
  await expect.poll(async () => (await engine.call('info', undefined)).loaded).toHaveLength(4);
});
