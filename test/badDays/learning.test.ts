/**
 * @file Bad days of learning from verdicts, each brought about for real: too few verdicts, all alike, on a model that is gone; a process killed in
 * every phase; a disk that is full when a model is adopted. Catches a verdict or the model in use lost in any of them, and one that nobody is told of.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningProcess } from '../../src/main/host/host.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import type { Job } from '../../src/shared/jobs.ts';
import type { Threshold } from '../../src/shared/thresholds.ts';
import type { VerdictValue } from '../../src/shared/verdicts.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { killHard } from '../helpers/killHard.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { writeOffice, type OfficeLog } from '../helpers/office.ts';
import { fillDisk, smallDisk, whyNoSmallDisk } from './smallDisk.ts';

const host = createNodeHost('test');
/** On a machine that is busy with much else. */
const longMs = 580_000;
let office: Learned;
let scored: string;
let watched: OfficeLog;
let test: TestApp;
/** A workspace with a proposed model, as the test of killing left it. */
let proposed: string | undefined;
const adapting: RunningProcess[] = [];
const trainers: RunningProcess[] = [];

beforeAll(async () => {
  office = await learnOffice();
  const folder = fileFolder();
  scored = await office.copy(join(folder, 'scored'));
  watched = writeOffice(join(folder, 'judged.log'), { lines: 9000, seed: 5, anomalyRate: 0.03 });
  await open(scored);
  const sourceId = await importLog(test, watched.path);
  await test.ask('thresholds.set_budget', { budget: { alerts: 1000, per: '100k' } });
  await scoreSources(test, [sourceId]);
  await test.close();
}, longMs);
afterEach(() => test.close());

async function open(directory: string): Promise<void> {
  [adapting, trainers].forEach((all) => (all.length = 0));
  const kept = (all: RunningProcess[], process: RunningProcess): RunningProcess => {
    all.push(process);
    return process;
  };
  test = await openApp(directory, {
    checkpointMs: 100,
    startAdapt: () => kept(adapting, host.startAdapt()),
    startTrainer: () => kept(trainers, host.startTrainer()),
  });
}

async function copied(from: string, to = join(testFolder(), 'workspace')): Promise<string> {
  await cp(from, to, { recursive: true });
  return to;
}

/** Judges alerts by what the log's maker says of their lines, one verdict for each class; those of one class alone where it is named. */
async function judge(most: number, only?: VerdictValue): Promise<void> {
  const { rows } = await test.ask('alerts.list', { limit: 1000 });
  // A few stay open.
  const own = rows.filter(({ sourceName }) => sourceName === 'judged.log').slice(0, -5);
  for (const value of ['true_positive', 'false_positive_logic'] as const) {
    if (only && value !== only) continue;
    const isThreat = value === 'true_positive';
    const ids = own.filter(({ lineNumber }) => watched.isAnomaly[lineNumber - 1] === isThreat).map(({ id }) => id);
    await test.ask('verdicts.give_many', { selection: { kind: 'ids', ids: ids.slice(0, most) }, value });
  }
  await test.app.parts.thresholds.rescored();
}

const threshold = async (): Promise<Threshold | undefined> =>
  (await test.ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent);
const modelInUse = async (): Promise<number | undefined> =>
  (await test.ask('models.list', {})).find(({ state }) => state === 'in_use')?.number;
const decided = async (): Promise<number> => (await test.ask('alerts.list', { limit: 1 })).counts.decided;
/** What the status says of learning. */
const notices = async (): Promise<string[]> =>
  (await test.ask('status.get', {})).notices.filter((text) => /verdicts/i.test(text));

describe('verdicts that are not enough', () => {
  it('three: what each says is in force at once, and retraining says what it needs', async () => {
    await open(await copied(scored));
    const before = await threshold();
    const [row] = (await test.ask('alerts.list', { limit: 1 })).rows;
    const effect = await test.ask('verdicts.give', { alertId: row?.id ?? '', value: 'false_positive_logic' });
    expect(effect.foldExpiresAt).not.toBeNull();
    for (const { id } of (await test.ask('alerts.list', { limit: 2 })).rows)
      await test.ask('verdicts.give', { alertId: id, value: 'false_positive_logic' });
    await test.app.parts.thresholds.rescored();
    expect(await decided()).toBe(3);
    expect(await test.ask('memory.list', {})).toHaveLength(3);
    expect((await threshold())?.version).toBeGreaterThan(before?.version ?? Infinity);
    const refused = await test.refusal('retrain.start', {});
    expect(refused).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(
        /at least 8 threats and 8 false alarms.*What each verdict says by itself is in force/,
      ),
    });
    expect(await test.ask('retrain.plan', {})).toMatchObject({ missing: refused.message });
    expect(await modelInUse()).toBe(1);
  });

  it.each(['false_positive_logic', 'true_positive'] as const)(
    'all of one class, %s: the threshold stays within its bounds, nothing is retrained, and it says which class is missing',
    async (value) => {
      await open(await copied(scored));
      await judge(30, value);
      const { score = NaN, budgetScore = NaN } = (await threshold()) ?? {};
      expect(Math.abs(score - budgetScore)).toBeLessThanOrEqual(Math.log10(2) + 1e-9);
      const counts = value === 'true_positive' ? /\d+ and 0\./ : /there are 0 and \d+\./;
      expect(await test.refusal('retrain.start', {})).toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringMatching(counts),
      });
      expect(await test.ask('retrain.list', {})).toEqual([]);
      expect(await modelInUse()).toBe(1);
    },
    longMs,
  );
});

describe('verdicts on alerts of a deleted model', () => {
  it(
    'stand and can be given, teach the model in use its weights no more, and retraining says how many there are',
    async () => {
      await open(await copied(scored));
      await judge(400);
      const count = await decided();
      const sources = await test.ask('sources.list', {});
      const quiet = sources.find(({ name }) => name === 'quiet.log')?.id ?? 0;
      expect(await learnFrom(test, [quiet], 2)).toMatchObject({ state: 'done' });
      expect(await modelInUse()).toBe(2);
      const first = (await test.ask('models.list', {})).find(({ number }) => number === 1);
      await test.ask('models.delete', { modelId: first?.id ?? '' });
      const before = await threshold();
      expect(await decided()).toBe(count);
      const [row] = (await test.ask('alerts.list', { tab: 'open', limit: 1 })).rows;
      await test.ask('verdicts.give', { alertId: row?.id ?? '', value: 'true_positive' });
      await test.app.parts.thresholds.rescored();
      expect(await decided()).toBe(count + 1);
      expect(await notices()).toEqual([]);
      expect(await threshold()).toEqual(before);
      expect(await test.ask('retrain.plan', {})).toMatchObject({
        modelNumber: 2,
        missing: null,
        ofDeletedModels: expect.any(Number),
      });
      expect((await test.ask('retrain.plan', {})).ofDeletedModels).toBeGreaterThan(20);
    },
    longMs,
  );
});

/** Phases of a retraining, by what the job says that it does. */
const phases = {
  material: /reading what the model learned from/,
  training: /learning from verdicts/,
  calibration: /calibrating/,
  gate: /comparing/,
  replay: /going through/,
};

describe('a process that is killed', () => {
  it(
    'the adapting one, in every phase of a retraining: it is proposed all the same, verdicts and the model in use stay, and it says what happened',
    async () => {
      const workspace = await copied(scored);
      await open(workspace);
      await judge(400);
      const [count, before] = [await decided(), await threshold()];
      const told = await notices();
      const hit = new Set<string>();
      test.app.subscribe(({ topic, data }) => {
        if (topic !== 'job.changed') return;
        const phase = Object.entries(phases).find(([, step]) => step.test((data as Job).step ?? ''))?.[0];
        if (phase === undefined || hit.has(phase)) return;
        hit.add(phase);
        // Where it is still down from the phase before there is nobody to kill.
        if (test.app.parts.adapt.isUp) killHard(adapting.at(-1)?.pid);
      });
      const { jobId } = await test.ask('retrain.start', {});
      await expect
        .poll(notices, { timeout: 60_000 })
        .toEqual([expect.stringMatching(/learns from verdicts has ended.*Verdicts are kept/)]);
      expect(await test.finished(jobId)).toMatchObject({
        state: 'done',
        outcome: expect.stringMatching(/is proposed/),
      });
      // On a quiet machine the first can be over before it is told: ten times a second is told.
      const [, ...later] = Object.keys(phases);
      expect([...hit].filter((phase) => phase !== 'material')).toEqual(later);
      await expect.poll(notices, { timeout: 20_000 }).toEqual(told);
      await test.app.parts.thresholds.rescored();
      expect(await decided()).toBe(count);
      expect(await threshold()).toEqual(before);
      expect(await modelInUse()).toBe(1);
      await test.close();
      proposed = await copied(workspace, join(fileFolder(), 'proposed'));
    },
    longMs,
  );

  it(
    'the training one, while it trains: its job says so, nothing is proposed, verdicts and the model in use stay',
    async () => {
      await open(await copied(scored));
      await judge(400);
      const [count, before] = [await decided(), await threshold()];
      const { jobId } = await test.ask('retrain.start', {});
      await test.next('job.changed', (job) => phases.training.test(job.step ?? ''));
      killHard(trainers.at(-1)?.pid);
      expect(await test.finished(jobId)).toMatchObject({
        state: 'failed',
        error: expect.stringMatching(/trainer.*ended/i),
      });
      expect(await test.ask('retrain.list', {})).toEqual([]);
      expect([await decided(), await threshold(), await modelInUse()]).toEqual([count, before, 1]);
    },
    longMs,
  );

  it('at adoption: the model is adopted with what verdicts taught, and what is decided meanwhile is learned when it is back', async () => {
    await open(await copied(proposed ?? ''));
    const [retraining] = await test.ask('retrain.list', {});
    const count = await decided();
    killHard(adapting.at(-1)?.pid);
    const { modelId = '', overrideSentence = null } = retraining ?? {};
    const [row] = (await test.ask('alerts.list', { tab: 'decided', limit: 1 })).rows;
    const adopting = test.ask('retrain.adopt', { modelId, override: overrideSentence });
    await test.ask('verdicts.give', { alertId: row?.id ?? '', value: 'undetermined' });
    const { jobId } = await adopting;
    if (jobId) await test.finished(jobId);
    await expect.poll(notices, { timeout: 20_000 }).not.toContainEqual(expect.stringMatching(/has ended/));
    await test.app.parts.thresholds.rescored();
    expect(await modelInUse()).toBe(2);
    expect(await threshold()).toMatchObject({ modelId });
    expect(await decided()).toBe(count);
    const after = await test.ask('alerts.get', { alertId: row?.id ?? '' });
    expect(after.row.verdict).toMatchObject({ value: 'undetermined' });
  });
});

it('a disk that is full at adoption: the model in use, its threshold and every verdict stay; with space it is adopted', async () => {
  if (whyNoSmallDisk !== undefined) {
    process.stdout.write(`Skipped: ${whyNoSmallDisk}.\n`);
    await open(await copied(scored));
    return;
  }
  const disk = smallDisk(128);
  await open(await copied(proposed ?? '', join(disk.path, 'workspace')));
  const [count, before] = [await decided(), await threshold()];
  const [retraining] = await test.ask('retrain.list', {});
  const { modelId = '' } = retraining ?? {};
  fillDisk(disk.path);
  const asked = { modelId, override: retraining?.overrideSentence ?? null };
  // The database has some room of its own: it is used up first.
  const { store, actor } = test.app.parts.services;
  const fills = { key: 'filling', value: 'n'.repeat(20_000), actor: await actor() };
  const fillUp = async (): Promise<void> => {
    for (let tries = 0; tries < 2000; tries++) await store.call('set_setting', fills);
  };
  await expect(fillUp()).rejects.toMatchObject({ code: 'STORE_FULL' });
  const refusal = await test.refusal('retrain.adopt', asked);
  expect(refusal).toMatchObject({
    code: 'STORE_FULL',
    message: expect.stringMatching(/the disk .* is full\..*Free some space and try again/s),
  });
  expect(await modelInUse()).toBe(1);
  expect(await threshold()).toEqual(before);
  expect(await decided()).toBe(count);
  expect((await test.ask('retrain.list', {}))[0]?.state).toBe('proposed');
  disk.grow(256);
  await test.ask('retrain.adopt', asked);
  expect(await modelInUse()).toBe(2);
  expect(await decided()).toBe(count);
  expect(await test.app.parts.services.store.call('verify_audit', undefined)).toMatchObject({ brokenAt: null });
});
