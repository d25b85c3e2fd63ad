/** @file Providers tried, chosen, pinned and given up by a real app, with GPUs that are the CPU in disguise. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../src/main/host/host.ts';
import { createNodeHost, sourceEntries } from '../../src/main/host/nodeHost.ts';
import type { Diagnostics } from '../../src/main/app/diagnostics.ts';
import type { Job } from '../../src/shared/jobs.ts';
import type { EngineReport, TrialState } from '../../src/shared/engineReport.ts';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';

let learned: Learned;
/** A workspace with a model, tried providers and a log scored on the CPU, and what was found in it. */
let prepared: string;
let onCpu: unknown;
beforeAll(async () => {
  learned = await learnOffice();
  prepared = await learned.copy(join(fileFolder(), 'prepared'));
  const { app } = await open(prepared);
  await tryAll(app);
  await app.ask('engine.pin', { provider: 'cpu' });
  await scoreSources(app, [await importLog(app, learned.watched.path)]);
  onCpu = await alertsOf(app);
  await app.close();
});

function copy(): string {
  const directory = join(testFolder(), 'workspace');
  cpSync(prepared, directory, { recursive: true });
  return directory;
}

async function alertsOf(app: TestApp): Promise<unknown> {
  const { rows } = await app.ask('alerts.list', { tab: 'open' });
  return rows.map(({ bits, lineNumber, reason }) => [lineNumber, reason, bits]);
}

async function scoreAll(app: TestApp): Promise<Job> {
  return scoreSources(app, (await app.ask('sources.list', {})).map(({ id }) => id).slice(-1));
}

function change(directory: string, what: (diagnostics: Diagnostics) => void): void {
  const path = join(directory, 'diagnostics.json');
  const diagnostics = JSON.parse(readFileSync(path, 'utf8')) as Diagnostics;
  what(diagnostics);
  writeFileSync(path, JSON.stringify(diagnostics));
}

let opened: TestApp | undefined;
afterEach(() => opened?.close());

const machine = { ...createNodeHost('test').machine(), drivers: ['driver 1'] };

/** An app whose engine is a test's own; `started` counts the processes that it was given. */
async function open(
  directory: string,
  entry = 'works',
  changes: Partial<Host> = {},
): Promise<{ app: TestApp; started: () => number }> {
  await opened?.close();
  const host = createNodeHost('test', {
    ...sourceEntries,
    engine: new URL(`entries/${entry}.ts`, import.meta.url),
  });
  let count = 0;
  opened = await openApp(directory, {
    startThread: (name) => host.startThread(name),
    startEngine: () => {
      count++;
      return host.startEngine();
    },
    machine: () => machine,
    ...changes,
  });
  return { app: opened, started: () => count };
}

async function tryAll(app: TestApp): Promise<EngineReport> {
  await app.app.parts.providers.try();
  return app.ask('engine.get', {});
}

function states({ trials }: EngineReport): Partial<Record<string, TrialState>> {
  return Object.fromEntries(trials.map(({ provider, state }) => [provider, state]));
}

describe('a first launch', () => {
  test('tries every provider without a model, tells it in a file without names and paths, and leaves nothing else', async () => {
    const directory = join(testFolder(), 'workspace');
    const { app } = await open(directory);
    const { text, fileName } = await app.ask('diagnostics.get', {});
    const told = JSON.parse(text) as EngineReport & { selfTest: object; runtimeVersion: string };
    expect(fileName).toMatch(/\.json$/);
    expect(states(told)).toEqual({ cpu: 'agrees', cuda: 'agrees', webgpu: 'agrees' });
    expect(told.trials.every(({ msPerThousandEvents }) => (msPerThousandEvents ?? 0) > 0)).toBe(true);
    expect(told).toMatchObject({
      runtimeVersion: expect.stringMatching(/^\d+\.\d+/) as string,
      selfTest: { model: 'a model that has learned nothing', problem: '' },
    });
    for (const secret of [homedir(), tmpdir(), userInfo().username, hostname(), directory])
      expect(text).not.toContain(secret);
    expect(await readdir(directory)).not.toContain('self-test');
    expect(JSON.parse(readFileSync(join(directory, 'diagnostics.json'), 'utf8'))).toMatchObject({ appVersion: 'test' });
  });

  test('is one only: what was found out holds until a driver or the model in use is another', async () => {
    const directory = copy();
    const triedAt = async (drivers: string[]): Promise<number> => {
      const { app } = await open(directory, 'works', { machine: () => ({ ...machine, drivers }) });
      await app.app.parts.providers.tryIfOutdated();
      const { text } = await app.ask('diagnostics.get', {});
      return Date.parse((JSON.parse(text) as { selfTest: { startedAt: string } }).selfTest.startedAt);
    };
    const first = await triedAt(machine.drivers);
    expect(await triedAt(machine.drivers)).toBe(first);
    expect(await triedAt(['driver 2'])).toBeGreaterThan(first);
    change(directory, ({ selfTest }) => (selfTest.modelId = 'another'));
    expect(await triedAt(['driver 2'])).toBeGreaterThan(first);
  });
});

describe('a provider that is pinned', () => {
  test('runs the models in a process of its own, in the next launch too, and gives the alerts that the CPU gives', async () => {
    const directory = copy();
    const { app } = await open(directory);
    expect(await app.ask('engine.pin', { provider: 'webgpu' })).toMatchObject({ inUse: 'webgpu', home: 'process' });
    const { app: next, started } = await open(directory);
    expect((await scoreAll(next)).state).toBe('done');
    expect(started()).toBe(1);
    expect(await next.ask('status.get', {})).toMatchObject({
      engine: { provider: 'WebGPU', fallback: null, message: expect.stringContaining('process of its own') as string },
    });
    expect(await alertsOf(next)).toEqual(onCpu);
  });

  test('is refused where it does not agree with the CPU, is not there or was never tried', async () => {
    const directory = copy();
    change(directory, ({ trials }) => {
      const trial = trials.find(({ provider }) => provider === 'webgpu');
      Object.assign(trial ?? {}, { state: 'differs', reason: 'Its answers differ from the CPU’s by 0.020 nat.' });
    });
    const { app } = await open(directory);
    const refusal = await app.refusal('engine.pin', { provider: 'webgpu' });
    expect(refusal).toMatchObject({ code: 'CONFLICT' });
    expect(refusal.message).toMatch(/WebGPU cannot be pinned.*differ from the CPU’s by 0\.020 nat/);
    expect((await app.refusal('engine.pin', { provider: 'dml' })).code).toBe('CONFLICT');
    expect((await app.ask('engine.pin', { provider: null })).inUse).not.toBe('webgpu');
  });
});

describe('a GPU that fails while a log is scored', () => {
  test.each([
    ['is lost', 'lostAtWork', 'refused', 'thread', 'agrees', 'webgpu'],
    ['takes its process down', 'crashesAtWork', 'ended', 'process', 'ended', 'cpu'],
  ] as const)(
    '%s: the CPU goes on, no alert is lost or there twice, and the status says so',
    async (_what, entry, how, home, state, nextTime) => {
      const directory = copy();
      const { app } = await open(directory, entry);
      await app.ask('engine.pin', { provider: 'webgpu' });
      expect(await scoreAll(app)).toMatchObject({ state: 'done', error: null });
      expect(await alertsOf(app)).toEqual(onCpu);
      const { engine } = await app.ask('status.get', {});
      expect(engine).toMatchObject({ provider: 'CPU', fallback: { provider: 'webgpu', how } });
      expect(engine.fallback?.reason).not.toMatch(/[\\/]/);
      expect(await app.ask('engine.get', {})).toMatchObject({ inUse: 'cpu', home, pinned: 'webgpu' });
      // What took its process down is not used at the next launch; what was lost is taken up again.
      const { app: next } = await open(directory, entry);
      const report = await next.ask('engine.get', {});
      expect(states(report)).toMatchObject({ webgpu: state });
      expect(report.inUse).toBe(nextTime);
      const missed = nextTime === 'cpu' ? 'webgpu' : undefined;
      expect(report.fallback?.provider).toBe(missed);
      expect((await next.ask('engine.pin', { provider: null })).fallback?.provider).toBe(missed);
      expect((await next.ask('engine.pin', { provider: 'cpu' })).fallback).toBe(null);
    },
  );
});

describe('a provider that took its process down when it was tried', () => {
  test('is not tried again until the user asks (a crash loop)', async () => {
    const directory = copy();
    change(directory, ({ trials }) => {
      const trial = trials.find(({ provider }) => provider === 'webgpu');
      Object.assign(trial ?? {}, { state: 'ended', reason: 'signal SIGSEGV' });
    });
    const { app, started } = await open(directory);
    expect(states(await tryAll(app))).toMatchObject({ cpu: 'agrees', webgpu: 'ended' });
    expect(started()).toBe(2);
    await app.ask('engine.try', {});
    await app.next('engine.changed', ({ isTrying }) => !isTrying);
    expect(states(await app.ask('engine.get', {}))).toMatchObject({ webgpu: 'agrees' });
  });

  test('and the app with it, twice, is left alone', async () => {
    const directory = copy();
    change(directory, (diagnostics) => (diagnostics.unfinished = { webgpu: 2 }));
    const report = await tryAll((await open(directory)).app);
    expect(states(report)).toMatchObject({ cpu: 'agrees', webgpu: 'ended' });
    expect(report.trials.at(-1)?.reason).toMatch(/ended 2 times/);
  });
});

test('a file of diagnostics that is not ours is made anew', async () => {
  const directory = copy();
  writeFileSync(join(directory, 'diagnostics.json'), '{"surprisalDiagnostics":1,"trials":"all"}');
  const { app } = await open(directory);
  expect(await app.ask('engine.get', {})).toMatchObject({ trials: [], inUse: 'cpu' });
});

test('an app that is closed while it tries ends the trial in good order', async () => {
  const directory = copy();
  const { app } = await open(directory, 'hangs');
  void app.app.parts.providers.try();
  await expect
    .poll(() => readFileSync(join(directory, 'diagnostics.json'), 'utf8'), { timeout: 30_000 })
    .toMatch(/"webgpu": 1/);
  await app.close();
  expect(readFileSync(join(directory, 'diagnostics.json'), 'utf8')).toMatch(/"webgpu": 0/);
});
