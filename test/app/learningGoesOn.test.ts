/** @file Learning that is cut off and goes on. Catches a checkpoint that is not used, is used for other data, or leads to another model. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { AppError } from '../../src/shared/errors.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { learnToCheckpoint, wentOn } from '../helpers/cutOff.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { quietOffice, writeOffice } from '../helpers/office.ts';

let quiet: string;
let test: TestApp;

beforeAll(() => {
  quiet = writeOffice(join(fileFolder(), 'quiet.log'), { ...quietOffice, lines: 150 }).path;
});
afterEach(() => test.close());

const open = async (workspace: string): Promise<void> => {
  test = await openApp(workspace, { checkpointMs: 100 });
};

/** Hashes of the model's files, by name. */
async function filesInUse(): Promise<Record<string, string>> {
  const model = (await test.ask('models.list', {})).find(({ state }) => state === 'in_use');
  return Object.fromEntries((model?.files ?? []).map(({ name, sha256 }) => [name, sha256]));
}

/** Gives the job and the folder of the checkpoints that the app left. */
async function cutOff(sourceId: number): Promise<{ jobId: string; checkpoints: string }> {
  const begun = await learnToCheckpoint(test, sourceId);
  await test.close();
  return begun;
}

it('from its checkpoint, to the same bytes as learning that was not cut off', async () => {
  const workspace = join(testFolder(), 'workspace');
  await open(workspace);
  const sourceId = await importLog(test, quiet);
  expect((await learnFrom(test, [sourceId])).state).toBe('done');
  const whole = await filesInUse();
  const { jobId, checkpoints } = await cutOff(sourceId);
  await open(workspace);
  const goesOn = wentOn(test);
  expect(await test.finished(jobId)).toMatchObject({ state: 'done' });
  expect(await goesOn).toMatchObject({ id: jobId });
  expect(await filesInUse()).toEqual(whole);
  expect(existsSync(checkpoints)).toBe(false);
  const [first, second] = (await test.ask('models.list', {})).map(({ curve }) => curve.at(-1));
  expect(second).toMatchObject({ epoch: first?.epoch, step: first?.step, validationBits: first?.validationBits });
}, 240_000);

it('from the beginning, and says so, where what is left does not fit', async () => {
  const workspace = join(testFolder(), 'workspace');
  await open(workspace);
  const { jobId, checkpoints } = await cutOff(await importLog(test, quiet));
  for (const name of readdirSync(checkpoints)) writeFileSync(join(checkpoints, name), 'not what was written');
  await open(workspace);
  const anew = test.next('job.changed', (job) => job.step.includes('begun again'));
  expect(await test.finished(jobId)).toMatchObject({ state: 'done' });
  expect(await anew).toMatchObject({ id: jobId });
}, 240_000);

it('that fails behind its last moment leaves the model in use as it is (its files were deleted, and nothing could be scored)', async () => {
  const workspace = join(testFolder(), 'workspace');
  await open(workspace);
  const sourceId = await importLog(test, quiet);
  const { store } = test.app.parts.services;
  const { call } = store;
  let isAdopted = false;
  store.call = async (method, ...rest) => {
    if (isAdopted && method === 'list_thresholds') {
      store.call = call;
      throw new AppError('STORE_FULL', 'the disk is full');
    }
    const output = await call(method, ...rest);
    if (method === 'adopt_model') isAdopted = true;
    return output;
  };
  expect(await learnFrom(test, [sourceId], 1, { countsOnly: true })).toMatchObject({ state: 'failed' });
  expect((await test.ask('models.list', {})).map(({ state }) => state)).toEqual(['in_use']);
  expect(await scoreSources(test, [sourceId])).toMatchObject({ state: 'done' });
});
