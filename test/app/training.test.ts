/**
 * @file Training beside other work. Catches a model that is put in use unasked, a pause that a new start forgets, a run that cannot go on, files
 * that stay behind, an estimate of another training, and a parent that is changed or taken away.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { importTextModel } from '../../src/main/app/textModels.ts';
import type { Job } from '../../src/shared/jobs.ts';
import type { Model, ModelPlan } from '../../src/shared/models.ts';
import { importLog, openApp, type TestApp } from '../helpers/app.ts';
import { wentOn } from '../helpers/cutOff.ts';
import { testFolder } from '../helpers/folders.ts';
import { unwatchedJob } from '../helpers/job.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { tinyFolder } from '../trainer/checkpoints.ts';

let office: Learned;
let test: TestApp;
let workspace: string;

beforeAll(async () => {
  office = await learnOffice();
}, 120_000);
afterEach(() => test.close());

async function open(directory?: string): Promise<void> {
  workspace = directory ?? (await office.copy(join(testFolder(), 'workspace')));
  test = await openApp(workspace, { checkpointMs: 100 });
}

async function start(plan: ModelPlan, more: { maxEpochs?: number } = {}): Promise<string> {
  const [source] = await test.ask('sources.list', {});
  const { jobId } = await test.ask('models.train', { sourceIds: [source?.id ?? 0], plan, seed: 1, ...more });
  return jobId;
}

async function train(plan: ModelPlan, more: { maxEpochs?: number } = {}): Promise<{ job: Job; model: Model }> {
  const job = await test.finished(await start(plan, more));
  const model = (await test.ask('models.list', {})).at(-1);
  if (!model) throw new Error('There is no model.');
  return { job, model };
}

async function importTiny(name: string): Promise<string> {
  const { id } = await importTextModel(test.app.parts.services, { from: tinyFolder, name, seed: 1 }, unwatchedJob());
  return id;
}

/** Steps of training are told from here on. */
function training(jobId: string): Promise<Job> {
  return test.next('job.changed', (job) => job.id === jobId && job.canPause && job.training !== null);
}

const fineTune = (parentId: string, name = 'tuned'): ModelPlan => ({
  kind: 'fine_tune',
  name,
  reads: 'lines',
  parentId,
  method: 'lora',
});

it('makes a text model of a log: kept, with its curve and files, and it continues a line', async () => {
  await open();
  const { job, model } = await train({ kind: 'text', name: 'office words', reads: 'lines' }, { maxEpochs: 1 });
  expect(job).toMatchObject({ state: 'done', kind: 'train' });
  expect(model).toMatchObject({ kind: 'text', state: 'kept', name: 'office words', origin: 'trained', parentId: null });
  expect(model.shape).toMatchObject({ layers: 4, width: 128 });
  expect(model.validationBits).toBeGreaterThan(0);
  expect(model.firstAt).toBeLessThan(model.lastAt ?? 0);
  expect(model.curve.length).toBeGreaterThan(0);
  expect(readdirSync(join(workspace, 'models', model.id)).sort()).toEqual(model.files.map(({ name }) => name).sort());
  const asked = { modelIds: [model.id], text: 'Sep  7 08:00:00 gw1 sshd', mostTokens: 5, seed: 3 };
  const [first] = await test.ask('models.continue', asked);
  expect(first?.tokens).toBeGreaterThan(0);
  expect((await test.ask('models.continue', asked))[0]?.text).toBe(first?.text);
  expect((await test.refusal('models.train', { sourceIds: [1], plan: { kind: 'text', name: 'm3' } })).code).toBe(
    'BAD_INPUT',
  );
}, 120_000);

it('fine-tunes a checkpoint, which stays as it is and cannot be deleted meanwhile', async () => {
  await open();
  const parentId = await importTiny('tiny');
  const before = (await test.ask('models.list', {})).find(({ id }) => id === parentId);
  const jobId = await start(fineTune(parentId), { maxEpochs: 2 });
  await training(jobId);
  expect(await test.refusal('models.delete', { modelId: parentId })).toMatchObject({ code: 'CONFLICT' });
  expect(await test.finished(jobId)).toMatchObject({ state: 'done' });
  const models = await test.ask('models.list', {});
  const child = models.at(-1);
  expect(child).toMatchObject({ origin: 'lora', parentId, name: 'tuned', state: 'kept' });
  const parent = models.find(({ id }) => id === parentId);
  expect(parent).toEqual({ ...before, usedBy: { logs: 0, models: 1 } });
  const both = await test.ask('models.continue', { modelIds: [parentId, child?.id ?? ''], text: 'Sep', mostTokens: 4 });
  expect(both.map(({ modelId }) => modelId)).toEqual([parentId, child?.id]);
  expect((await test.ask('models.delete', { modelId: parentId })).map(({ id }) => id)).not.toContain(parentId);
  expect(existsSync(join(workspace, 'models', parentId))).toBe(false);
}, 120_000);

it('makes a larger model of kinds of line, which is in use only when somebody says so', async () => {
  await open();
  const inUse = (await test.ask('status.get', {})).model?.id;
  const { job, model } = await train({ kind: 'keys', size: 'key_m' }, { maxEpochs: 1 });
  expect(job.outcome).toContain('kept');
  expect(model).toMatchObject({ kind: 'keys', state: 'kept', shape: { layers: 6, heads: 6, width: 60 } });
  expect((await test.ask('status.get', {})).model?.id).toBe(inUse);
  await test.ask('models.use', { modelId: model.id });
  const { model: now, threshold } = await test.ask('status.get', {});
  expect([now?.id, threshold === null]).toEqual([model.id, false]);
  expect(await test.refusal('models.delete', { modelId: model.id })).toMatchObject({ code: 'CONFLICT' });
}, 120_000);

it('stands still when told to, over the end of the app, and goes on to the same bytes', async () => {
  await open();
  const parentId = await importTiny('tiny');
  const whole = (await train(fineTune(parentId, 'whole'), { maxEpochs: 6 })).model;
  const jobId = await start(fineTune(parentId, 'paused'), { maxEpochs: 6 });
  await training(jobId);
  expect(await test.ask('jobs.pause', { jobId })).toMatchObject({ isPaused: true, state: 'running' });
  await test.close();
  await open(workspace);
  const [left] = await test.ask('jobs.list', {});
  expect(left).toMatchObject({ id: jobId, isPaused: true, canPause: true });
  const goesOn = wentOn(test);
  await test.ask('jobs.resume', { jobId });
  await goesOn;
  expect(await test.finished(jobId)).toMatchObject({ state: 'done', isPaused: false });
  const resumed = (await test.ask('models.list', {})).at(-1);
  expect(resumed?.files).toEqual(whole.files);
}, 180_000);

it('lets other work go on beside it, and is gone at once when it is cancelled', async () => {
  await open();
  const jobId = await start({ kind: 'keys', size: 'key_m_wide' });
  await training(jobId);
  await importLog(test, office.watched.path);
  expect((await test.ask('jobs.list', {})).find(({ id }) => id === jobId)?.state).toBe('running');
  expect(await test.ask('jobs.cancel', { jobId })).toMatchObject({ state: 'cancelled' });
  await test.app.parts.jobs.settled();
  const model = (await test.ask('models.list', {})).at(-1);
  expect(model?.state).toBe('failed');
  expect(existsSync(join(workspace, 'models', model?.id ?? ''))).toBe(false);
}, 120_000);

it('that was cancelled leaves its name to the next one', async () => {
  await open();
  const parentId = await importTiny('tiny');
  const jobId = await start(fineTune(parentId, 'again'));
  await training(jobId);
  await test.ask('jobs.cancel', { jobId });
  await test.app.parts.jobs.settled();
  const { job, model } = await train(fineTune(parentId, 'again'), { maxEpochs: 1 });
  expect([job.state, model.name, model.state]).toEqual(['done', 'again', 'kept']);
}, 120_000);

it('is tried before it is started: figures of this training, and nothing is left of the trial', async () => {
  await open();
  const [source] = await test.ask('sources.list', {});
  const sourceIds = [source?.id ?? 0];
  const small = await test.ask('models.estimate', { sourceIds, plan: { kind: 'keys', size: 'key_s' } });
  const wide = await test.ask('models.estimate', { sourceIds, plan: { kind: 'keys', size: 'key_m_wide' } });
  expect(wide.parameterCount).toBeGreaterThan(4 * small.parameterCount);
  expect(small.tokensPerEpoch).toBe(wide.tokensPerEpoch);
  for (const { atMostMs, peakBytes, provider } of [small, wide]) {
    expect(atMostMs).toBeGreaterThan(0);
    expect(peakBytes).toBeGreaterThan(20e6);
    expect(provider).toBe('cpu');
  }
  const parentId = await importTiny('tiny');
  const tuned = await test.ask('models.estimate', { sourceIds, plan: fineTune(parentId) });
  expect(tuned.trainedParameterCount).toBeLessThan(tuned.parameterCount);
  expect(tuned.events).toBe(source?.eventCount);
  expect(readdirSync(join(workspace, 'incoming'))).toEqual([]);
  expect(await test.refusal('models.estimate', { sourceIds: [999], plan: { kind: 'text', name: 'x' } })).toMatchObject({
    code: 'NOT_FOUND',
  });
}, 120_000);
