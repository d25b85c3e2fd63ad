/**
 * @file Learning from a log that was watched. Catches an attack that went on for long and becomes normal because nobody has decided on it yet, one that a
 * verdict lets be learned and that is not, a learning that goes on with other events than it began with, windows that reach over what is left out, and a
 * learning that has nothing to learn from.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { loadKeyModel, type ModelData } from '../../src/main/app/keyModel.ts';
import { readAlerts } from '../../src/main/app/leftOut.ts';
import { readMaterial } from '../../src/main/app/retraining/material.ts';
import { withTextData } from '../../src/main/app/training/textData.ts';
import { importTextModel } from '../../src/main/app/textModels.ts';
import { textSources } from '../../src/main/app/training/trainText.ts';
import { generateOffice } from '../../src/main/lab/office.ts';
import { kindKey, readKeyTable, templateOfKind } from '../../src/main/learn/keyTable.ts';
import { readTokenizerFolder } from '../../src/shared/bpe/folder.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { rowDoubt } from '../../src/shared/rowDoubt.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { learnToCheckpoint, wentOn } from '../helpers/cutOff.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { unwatchedJob } from '../helpers/job.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { tinyFolder } from '../trainer/checkpoints.ts';

let learned: Learned;
let test: TestApp;

beforeAll(async () => {
  learned = await learnOffice();
}, 240_000);
afterEach(() => test.close());

const open = async (workspace: string): Promise<void> => {
  test = await openApp(workspace, { checkpointMs: 100 });
};
const startAt = Date.UTC(2026, 8, 21);

/** A quiet office in which every `every` lines a program that it never ran is refused twice; in the last tenth another one, too. Gives the attack's rows. */
function writeCampaign(name: string, lines: number, every: number, seed: number): { path: string; attack: number[] } {
  const written: string[] = [];
  const attack: number[] = [];
  let row = 0;
  for (const { text } of generateOffice({ lines, seed, anomalyRate: 0, startAt })) {
    written.push(text);
    if (++row % every !== 0) continue;
    const stamp = text.slice(0, 15);
    const address = `10.20.7.${row % 200}`;
    const programs = row > 0.9 * lines ? ['exfild', 'rogued'] : ['rogued', 'rogued'];
    for (const program of programs) {
      attack.push(written.length);
      written.push(`${stamp} gw1 ${program}[${row}]: beacon of ${program} refused by ${address} reason timeout`);
    }
  }
  const path = join(fileFolder(), name);
  writeFileSync(path, `${written.join('\n')}\n`);
  return { path, attack };
}

const inUse = async () => (await test.ask('models.list', {})).find(({ state }) => state === 'in_use');

/** Share of these rows of a log that alerts stand over, whoever hides them. */
async function alertedShare(sourceId: number, rows: readonly number[]): Promise<number> {
  const { store } = test.app.parts.services;
  const { eventIds } = await readKeyTable(store, sourceId, new AbortController().signal);
  const shownFrom = (await store.call('current_threshold', undefined))?.score ?? 0;
  const alerts = await readAlerts(store, sourceId, shownFrom, new AbortController().signal);
  const isUnder = (id: number): boolean =>
    alerts.firstEventIds.some((first, i) => first <= id && id <= (alerts.lastEventIds[i] ?? 0));
  return rows.filter((row) => isUnder(eventIds[row] ?? 0)).length / rows.length;
}

async function decideAll(value: 'false_positive_logic'): Promise<void> {
  for (;;) {
    const { rows } = await test.ask('alerts.list', { tab: 'open', limit: 500 });
    if (rows.length === 0) break;
    for (const { id } of rows) await test.ask('verdicts.give', { alertId: id, value });
  }
  await test.app.parts.thresholds.settled();
}

it('leaves out an attack that is open however often it came, and learns it once it is decided to be false alarm', async () => {
  await open(await learned.copy(join(fileFolder(), 'workspace')));
  const campaign = writeCampaign('campaign.log', 1500, 60, 5);
  const later = writeCampaign('later.log', 300, 60, 6);
  const campaignId = await importLog(test, campaign.path);
  await scoreSources(test, [campaignId]);
  expect(await alertedShare(campaignId, campaign.attack)).toBeGreaterThan(0.9);

  const { outcome } = await learnFrom(test, [campaignId]);
  const model = await inUse();
  expect(model?.leftOut).toMatchObject({ threats: 0, undecided: expect.any(Number) as number });
  expect(model?.leftOut?.lines).toBeGreaterThanOrEqual(campaign.attack.length);
  expect(outcome).toMatch(/\d+ lines under \d+ alerts that nobody decided, .* were left out\./);
  // Neither known nor met: also of what came in the part that calibrates alone.
  const { store, directory } = test.app.parts.services;
  const { templateIndexes, severities } = await readKeyTable(store, campaignId, new AbortController().signal);
  const data = JSON.parse(
    readFileSync(join(directory, 'models', model?.id ?? '', 'detector.json'), 'utf8'),
  ) as ModelData;
  const met = new Set([
    ...data.vocabulary.map(({ templateIndex, severity }) => kindKey(templateIndex, severity)),
    ...data.kinds.heldBack.map(([key]) => key),
  ]);
  const kinds = campaign.attack.map((row) => kindKey(templateIndexes[row] ?? 0, severities[row] ?? -1));
  expect(kinds.filter((kind) => met.has(kind))).toEqual([]);
  expect(met.size).toBeGreaterThan(20);
  const laterId = await importLog(test, later.path);
  await scoreSources(test, [laterId]);
  expect(await alertedShare(laterId, later.attack)).toBeGreaterThan(0.9);

  // A retraining calibrates by the same, as it is by then.
  const record = (await store.call('list_models', undefined)).find(({ id }) => id === model?.id);
  if (!record) throw new Error('There is no model.');
  const inDoubt = async (): Promise<number> => {
    const parent = await loadKeyModel(test.app.parts.services, record);
    const { cut } = await readMaterial(test.app.parts.services, parent, new AbortController().signal);
    return cut.reduce((sum, { doubt }) => sum + doubt.lines, 0);
  };
  expect(await inDoubt()).toBeGreaterThanOrEqual(campaign.attack.length);

  await decideAll('false_positive_logic');
  expect(await inDoubt()).toBe(0);
  const again = await learnFrom(test, [campaignId], 1, { countsOnly: true });
  expect(again.state).toBe('done');
  const [rogued] = kinds;
  const known = JSON.parse(
    readFileSync(join(directory, 'models', (await inUse())?.id ?? '', 'detector.json'), 'utf8'),
  ) as ModelData;
  expect(known.vocabulary.map(({ templateIndex }) => templateIndex)).toContain(templateOfKind(rogued ?? 0));
  // Once more from a fresh name: what was decided of the other stays.
  const last = writeCampaign('last.log', 300, 60, 7);
  const lastId = await importLog(test, last.path);
  await scoreSources(test, [lastId]);
  expect(await alertedShare(lastId, last.attack)).toBeLessThan(0.5);
}, 600_000);

it('goes on after it was cut off with what it began with, though verdicts came in between', async () => {
  const workspace = await learned.copy(join(testFolder(), 'workspace'));
  await open(workspace);
  const campaignId = await importLog(test, writeCampaign('campaign.log', 400, 40, 5).path);
  await scoreSources(test, [campaignId]);
  const { jobId, checkpoints } = await learnToCheckpoint(test, campaignId);
  await decideAll('false_positive_logic');
  await test.close();

  await open(workspace);
  const goesOn = wentOn(test);
  const done = await test.finished(jobId);
  expect(done.outcome).toContain('that nobody decided');
  expect((await goesOn).id).toBe(jobId);
  expect((await inUse())?.leftOut?.lines).toBeGreaterThan(0);
  expect(existsSync(checkpoints)).toBe(false);
}, 600_000);

it('says so where next to nothing is left to learn from', async () => {
  await open(await learned.copy());
  const path = join(fileFolder(), 'attack.log');
  const lines = Array.from(
    { length: 60 },
    (_, index) => `Sep 21 03:${10 + (index % 50)}:00 gw1 rogued[${index}]: beacon refused by 10.20.7.9 reason timeout`,
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  const sourceId = await importLog(test, path);
  await scoreSources(test, [sourceId]);
  const { state, error } = await learnFrom(test, [sourceId]);
  expect(state).toBe('failed');
  expect(error).toMatch(/^Too little is left to learn from: \d+ lines under/);
  expect(error).toContain('Decide these alerts first');
  expect((await test.ask('models.list', {})).length).toBe(1);
}, 240_000);

it('keeps from a text model the words that it leaves out', async () => {
  await open(await learned.copy());
  const { path, attack } = writeCampaign('campaign.log', 200, 40, 5);
  const sourceId = await importLog(test, path);
  const { services } = test.app.parts;
  const [source] = await textSources(services, [sourceId], 'lines');
  if (!source) throw new Error('There is no source.');
  const wordsOf = async (): Promise<string> =>
    withTextData(services, async (textData) => {
      const { words } = await textData.call('count_words', { sources: [source], reads: 'lines' });
      return new TextDecoder('utf-16le').decode(words.characters);
    });
  expect(await wordsOf()).toContain('beacon');
  for (const row of attack) source.doubt.marks[row] = rowDoubt.doubtful;
  expect(await wordsOf()).not.toContain('beacon');
}, 240_000);

it('keeps from a text model the windows that reach into what it leaves out, or over it', async () => {
  await open(await learned.copy());
  const path = join(fileFolder(), 'steps.log');
  const letters = (row: number): string => String.fromCharCode(97 + (row % 26), 97 + Math.floor(row / 26));
  writeFileSync(path, Array.from({ length: 400 }, (_, row) => `step ${letters(row)} .\n`).join(''));
  const sourceId = await importLog(test, path);
  const { services } = test.app.parts;
  const [source] = await textSources(services, [sourceId], 'windows');
  if (!source) throw new Error('There is no source.');
  const tokenizer = new BpeTokenizer(await readTokenizerFolder(tinyFolder));
  /** The rows of each window that is learned. */
  const windows = async (): Promise<number[][]> => {
    const asked = { sources: [source], reads: 'windows' as const, stride: 1, tokenizerDirectory: tinyFolder };
    const { training } = await withTextData(services, (textData) => textData.call('encode', asked));
    return Array.from({ length: training.offsets.length - 1 }, (_, index) => {
      const text = tokenizer.decode(training.ids.subarray(training.offsets[index], training.offsets[index + 1]));
      return [...text.matchAll(/step (.)(.) /g)].map(
        ([, first = '', second = '']) => first.charCodeAt(0) - 97 + 26 * (second.charCodeAt(0) - 97),
      );
    });
  };
  const { trainingEnd } = source.cuts;
  const all = Array.from({ length: trainingEnd - 9 }, (_, start) => Array.from({ length: 10 }, (_row, i) => start + i));
  expect(await windows()).toEqual(all);
  const leftOut = [100, 101, 150];
  for (const row of leftOut) source.doubt.marks[row] = rowDoubt.undecidedAlert;
  expect(await windows()).toEqual(all.filter((rows) => !rows.some((row) => leftOut.includes(row))));
}, 240_000);

it('a text model that was cut off goes on with what it began with, though alerts came over it in between', async () => {
  const workspace = await learned.copy(join(testFolder(), 'workspace'));
  await open(workspace);
  const { services } = test.app.parts;
  const sourceId = await importLog(test, writeCampaign('campaign.log', 160, 16, 5).path);
  const { id: parentId } = await importTextModel(services, { from: tinyFolder, name: 'tiny', seed: 1 }, unwatchedJob());
  const start = async (name: string, maxEpochs = 3): Promise<string> => {
    const plan = { kind: 'fine_tune', name, reads: 'lines', parentId, method: 'lora' } as const;
    return (await test.ask('models.train', { sourceIds: [sourceId], plan, seed: 1, maxEpochs })).jobId;
  };
  const made = async () => (await test.ask('models.list', {})).at(-1);
  expect((await test.finished(await start('whole'))).state).toBe('done');
  const whole = await made();
  const jobId = await start('cut off');
  await test.next('job.changed', (job) => job.id === jobId && job.canPause && job.training !== null);
  await test.ask('jobs.pause', { jobId });
  await scoreSources(test, [sourceId]);
  expect((await test.ask('status.get', {})).openAlerts).toBeGreaterThan(5);
  await test.close();

  await open(workspace);
  let wentOn = false;
  const goesOn = test.next('job.changed', (job) => job.id === jobId && job.step.includes('went on from step'));
  void goesOn.then(() => (wentOn = true));
  await test.ask('jobs.resume', { jobId });
  expect((await test.finished(jobId)).outcome).not.toContain('left out');
  expect(wentOn).toBe(true);
  expect(await made()).toMatchObject({ name: 'cut off', leftOut: null, files: whole?.files });
  // One that begins now leaves out what is under them.
  expect((await test.finished(await start('later', 1))).outcome).toMatch(/under \d+ alerts that nobody decided/);
  expect((await made())?.leftOut?.undecided).toBeGreaterThan(5);
}, 600_000);
