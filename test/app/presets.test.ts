/** @file Presets in the app: each judges by its own rule exactly, live as in a batch, is named where it judged, and gives way without a trace. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, expect, test } from 'vitest';
import { chosenTextModel } from '../../src/main/app/detection/chosenTextModel.ts';
import { openLineModel } from '../../src/main/app/detection/lineModels.ts';
import { trainText } from '../../src/main/app/training/trainText.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { judgeWindow, windowValues } from '../../src/main/detect/tutorial/decision.ts';
import { tutorialWindows, windowFeatures } from '../../src/main/detect/tutorial/window.ts';
import { TutorialWindows } from '../../src/main/app/detection/tutorialWindows.ts';
import { topKOf } from '../../src/shared/presets.ts';
import { keyTokens } from '../../src/shared/sequences.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { unwatchedJob } from '../helpers/job.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { scoresOf } from '../helpers/scores.ts';
import { until } from '../watch/tables.ts';

let learned: Learned;
beforeAll(async () => {
  learned = await learnOffice();
});

const budget = { kind: 'budget' } as const;
const tutorial = { kind: 'tutorial' } as const;
const topK = (k: number | null) => ({ kind: 'top_k', k }) as const;
const current = async (test: TestApp) => (await test.ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent);

test('K is half of the kinds unless said, and never takes in nearly all of them', () => {
  expect([topKOf(null, 24), topKOf(null, 25), topKOf(3, 24), topKOf(1000, 24), topKOf(null, 1)]).toEqual([12, 13, 3, 22, 1]); // prettier-ignore
});

test('Top-K alerts on exactly the events outside the K most expected, and on those alone', async () => {
  const app = await openApp(await learned.copy());
  const { services, models } = app.app.parts;
  const sourceId = await importLog(app, learned.watched.path);
  const k = 3;
  expect(await app.ask('presets.choose', { preset: topK(k) })).toEqual({ chosen: topK(k), inForce: topK(k) });
  expect(await current(app)).toMatchObject({ reason: 'preset', preset: topK(k) });
  const { scores, thresholdScore } = await scoresOf(app, sourceId);
  const model = await models.inUse();

  // Each session by explanations, one by one.
  const wanted = new Set<number>();
  const page = await services.store.call('read_keys', { sourceId, afterEventId: 0, limit: 100_000 });
  const first = page.eventIds[0] ?? 0;
  const rowsOf = Map.groupBy(page.eventIds.keys(), (row) => page.sessionIds[row] ?? 0);
  for (const [sessionId, rows] of [...rowsOf].slice(0, 60)) {
    const session = await services.store.call('get_session', { sessionId });
    const tokens = rows.map((row) => model.vocabulary.idOf(page.templateIndexes[row] ?? 0, page.severities[row] ?? -1));
    const ids = Int32Array.from([keyTokens.begin, ...tokens, ...(session.isOpen ? [] : [keyTokens.end])]);
    const positions = Int32Array.from({ length: ids.length - 1 }, (_, i) => i + 1);
    const most = await services.engine().call('explain', { modelId: model.id, ids, positions, top: k });
    positions.forEach((position, index) => {
      const isAmong = most.ids.subarray(index * k, (index + 1) * k).includes(ids[position] ?? -1);
      if (isAmong && ids[position] !== keyTokens.unseen) return;
      wanted.add(rows[Math.min(position - 1, rows.length - 1)] ?? 0);
    });
  }
  const looked = [...rowsOf].slice(0, 60).flatMap(([, rows]) => rows);
  const found = looked.filter((row) => (scores[(page.eventIds[row] ?? 0) - first] ?? 0) >= thresholdScore);
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThan(looked.length / 2);
  expect(new Set(found)).toEqual(wanted);

  const { rows } = await app.ask('alerts.list', { tab: 'open', limit: 1 });
  const detail = await app.ask('alerts.get', { alertId: rows[0]?.id ?? '' });
  expect(detail.judgedBy).toBe(`Top-K, ${k} of ${model.vocabulary.entries.length} kinds`);
  expect(detail.votes.map(({ detector }) => detector)).toEqual(['key']);
  const [run] = await app.ask('thresholds.runs', {});
  expect(run).toMatchObject({ sourceName: 'watched.log', preset: topK(k), low: 0 });
  await app.close();
}, 60_000);

test('a preset is chosen and in force, or neither: nothing is left of one whose threshold could not be written', async () => {
  const directory = await learned.copy();
  const app = await openApp(directory);
  const before = await current(app);
  const db = new DatabaseSync(workspacePaths(directory).database);
  db.exec(`CREATE TRIGGER refused BEFORE INSERT ON threshold BEGIN SELECT RAISE(ABORT, 'refused here'); END`);
  await expect(app.ask('presets.choose', { preset: topK(3) })).rejects.toThrow();
  expect([(await app.ask('status.get', {})).preset.chosen, await current(app)]).toEqual([budget, before]);
  db.exec('DROP TRIGGER refused');
  await app.ask('presets.choose', { preset: topK(3) });
  db.exec(`CREATE TRIGGER refused BEFORE INSERT ON threshold BEGIN SELECT RAISE(ABORT, 'refused here'); END`);
  await expect(app.ask('presets.choose', { preset: budget })).rejects.toThrow();
  expect((await app.ask('status.get', {})).preset).toEqual({ chosen: topK(3), inForce: topK(3) });
  db.exec('DROP TRIGGER refused');
  db.close();
  await app.close();
}, 60_000);

test('a rule is moved by neither budget nor verdicts, and gives way to the budget as it was', async () => {
  const app = await openApp(await learned.copy());
  const sourceId = await importLog(app, learned.watched.path);
  const before = await current(app);
  await app.ask('presets.choose', { preset: topK(2) });
  const rule = await current(app);
  await scoreSources(app, [sourceId]);
  const { rows } = await app.ask('alerts.list', { tab: 'open', limit: 5 });
  for (const { id } of rows) await app.ask('verdicts.give', { alertId: id, value: 'false_positive_logic' });
  await app.app.parts.thresholds.settled();
  expect((await current(app))?.version).toBe(rule?.version);
  await expect(app.ask('thresholds.set_budget', { budget: { alerts: 7, per: '100k' } })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('with the preset Budget') as string,
  });
  expect(await app.ask('presets.choose', { preset: budget })).toMatchObject({ inForce: budget });
  await app.app.parts.thresholds.settled();
  expect(await current(app)).toMatchObject({
    ...{ budget: { alerts: 7, per: '100k' }, calibrationEvents: before?.calibrationEvents, preset: budget },
  });
  // Undoing a version takes its preset back with it.
  await app.ask('thresholds.revert', { version: rule?.version ?? 0 });
  expect((await app.ask('status.get', {})).preset).toEqual({ chosen: topK(2), inForce: topK(2) });
  await app.close();
}, 60_000);

async function follow(app: TestApp, path: string, lines: readonly string[]): Promise<Map<number, number>> {
  const heard = new Map<number, number>();
  app.app.parts.watches.onScored = ({ eventIds, scores }) =>
    eventIds.forEach((id, index) => heard.set(id, scores[index] ?? 0));
  const half = Math.floor(lines.length / 2);
  writeFileSync(path, `${lines.slice(0, half).join('\n')}\n`);
  await app.ask('watch.start', { token: await app.offer(path) });
  await until(() => Promise.resolve(heard.size === half));
  appendFileSync(path, `${lines.slice(half).join('\n')}\n`);
  await until(() => Promise.resolve(heard.size === lines.length));
  return heard;
}

const followedId = async (app: TestApp): Promise<number> =>
  (await app.ask('sources.list', {})).find(({ live }) => live !== null)?.id ?? 0;

test('Top-K judges lines as they come as it does in a batch', async () => {
  const app = await openApp(await learned.copy());
  await app.ask('presets.choose', { preset: topK(2) });
  const lines = readFileSync(learned.watched.path, 'utf8').split('\n').slice(0, 400);
  const live = await follow(app, join(testFolder(), 'growing.log'), lines);
  const { scores, thresholdScore } = await scoresOf(app, await followedId(app));
  const ids = [...live.keys()].sort((a, b) => a - b);
  const isOver = (score: number): boolean => score >= thresholdScore;
  const batch = ids.map((_id, row) => isOver(scores[row] ?? 0));
  expect(batch.filter(Boolean).length).toBeGreaterThan(0);
  // Where a session ends with its last event the end may be what alerts, and comes later.
  const differ = ids.filter((id, row) => isOver(live.get(id) ?? 0) !== batch[row]);
  expect(differ.every((id) => !isOver(live.get(id) ?? 0))).toBe(true);
  expect(differ.length).toBeLessThan(batch.filter(Boolean).length / 2 + 1);
  await app.close();
}, 60_000);

test('counts judge from the first minute: no network, in use, live as in a batch, and what needs one says so', async () => {
  const folder = testFolder();
  const app = await openApp(join(folder, 'workspace'));
  const quietId = await importLog(app, learned.quiet.path);
  expect((await scoreSources(app, [quietId])).error).toContain('only count');
  await app.ask('presets.choose', { preset: topK(null) });
  const refused = await learnFrom(app, [quietId], 1, { countsOnly: true });
  expect(refused.error).toContain('counts expect nothing');
  await app.ask('presets.choose', { preset: budget });
  expect((await learnFrom(app, [quietId], 1, { countsOnly: true })).state).toBe('done');
  const model = await app.app.parts.models.inUse();
  expect(model.card).toMatchObject({ shape: null, epochs: 0, parameterCount: 0 });
  expect(model.detection.set.ids).toEqual(
    expect.arrayContaining(['ngram', 'new_kind', 'count_vector', 'clock', 'trigram']),
  );
  expect(model.detection.set.ids.filter((id) => id.startsWith('key'))).toEqual([]);
  await scoreSources(app, [await importLog(app, learned.watched.path)]);
  const { rows } = await app.ask('alerts.list', { tab: 'open', limit: 200 });
  expect(rows.length).toBeGreaterThan(0);
  const detail = await app.ask('alerts.get', { alertId: rows[0]?.id ?? '' });
  expect(detail).toMatchObject({ perplexity: null, judgedBy: 'Budget' });
  await expect(app.ask('alerts.evidence', { alertId: rows[0]?.id ?? '' })).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(app.ask('presets.choose', { preset: topK(2) })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await app.ask('status.get', {})).notices[0]).toContain('The preset Top-K is chosen, and Budget judges');
  const lines = readFileSync(learned.watched.path, 'utf8').split('\n').slice(0, 300);
  const live = await follow(app, join(folder, 'growing.log'), lines);
  const { scores } = await scoresOf(app, await followedId(app));
  const ids = [...live.keys()].sort((a, b) => a - b);
  const differ = ids.filter((id, row) => Math.abs((live.get(id) ?? 0) - (scores[row] ?? 0)) > 0.01);
  // Sessions that ended meanwhile are judged again with their last event.
  expect(differ.length).toBeLessThan(ids.length / 5);
  await app.close();
}, 90_000);

const line = (i: number): string =>
  `2026-10-10 13:${String(Math.floor(i / 60) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')} ${i % 9 === 0 ? 'WARN' : 'INFO'} job ${['build', 'test', 'ship'][i % 3]} ${i % 5 === 0 ? `from 10.0.0.${i % 200}` : 'done'} in /srv/jobs/${i % 7}`;

test('the tutorial alerts on the windows that its formulas find, refuses what lacks a text model, and leaves followed logs alone', async () => {
  const folder = testFolder();
  const [path, other] = [join(folder, 'jobs.log'), join(folder, 'other.log')];
  writeFileSync(path, `${Array.from({ length: 400 }, (_, i) => line(i)).join('\n')}\n`);
  const odd = 'FATAL XQZ 99 KERNEL PANIC 0123 4567 8901 QWERTY ZXCVB MNBVC ASDFG 7777 HJKLP';
  const lines = Array.from({ length: 60 }, (_, i) => (i > 29 && i < 36 ? `${line(i).slice(0, 20)}${odd}` : line(i)));
  writeFileSync(other, `${lines.join('\n')}\n`);
  const app = await openApp(join(folder, 'workspace'));
  const { services, models } = app.app.parts;
  const sourceId = await importLog(app, path);
  await expect(app.ask('presets.choose', { preset: tutorial })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('no text model that was trained on windows is chosen') as string,
  });
  const textId = services.host.newId();
  await trainText(
    services,
    {
      modelId: textId,
      sourceIds: [sourceId],
      plan: { kind: 'text', name: 'jobs', reads: 'windows' },
      maxEpochs: 6,
      provider: 'cpu',
    },
    unwatchedJob(),
  );
  await app.ask('models.use', { modelId: textId });
  expect(await app.ask('models.list', {})).toMatchObject([{ reads: 'windows', isReader: true }]);
  expect(await chosenTextModel(services, 'lines')).toBeNull();
  await expect(openLineModel(services, textId, new AbortController().signal)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('Single lines need a text model that was trained on lines') as string,
  });
  await app.ask('presets.choose', { preset: tutorial });
  expect((await learnFrom(app, [sourceId])).state).toBe('done');
  expect(await current(app)).toMatchObject({ preset: tutorial, meaning: expect.stringContaining('5 %') as string });

  const otherId = await importLog(app, other);
  const { scores, thresholdScore, alertCount } = await scoresOf(app, otherId);
  const model = await models.inUse();
  if (!model.tutorial?.model) throw new Error('Nothing was learned for the tutorial.');
  const { state } = model.tutorial.data;
  // A model of single lines reads windows with a perplexity of hundreds.
  expect(state.perplexityThreshold).toBeLessThan(10);
  expect(model.lines.model).toBeNull();
  const reader = new TutorialWindows(services.store, services.engine(), model.tutorial.model);
  const { signal } = new AbortController();
  const keys = await services.store.call('read_keys', { sourceId: otherId, afterEventId: 0, limit: 1000 });
  const windows = [...tutorialWindows(await reader.linesOf([...keys.eventIds], signal))];
  expect(windows).toHaveLength(51);
  const perplexities = await reader.perplexitiesOf(windows, signal);
  const isAnomaly = windows.map(
    (text, index) => judgeWindow(state, windowValues(state, perplexities[index] ?? 1, windowFeatures(text))).isAnomaly,
  );
  expect(isAnomaly).toContain(true);
  expect(isAnomaly).toContain(false);
  expect([...scores].map((score) => score >= thresholdScore)).toEqual([...Array<boolean>(9).fill(false), ...isAnomaly]);
  // Windows that overlap are one finding, whatever sessions their lines are of.
  expect(alertCount).toBeLessThan(isAnomaly.filter(Boolean).length);
  const { rows } = await app.ask('alerts.list', { tab: 'open' });
  const detail = await app.ask('alerts.get', { alertId: rows[0]?.id ?? '' });
  expect(detail.judgedBy).toBe('Tutorial');
  expect(detail.usualPerplexity).toBeCloseTo(state.perplexityThreshold);
  expect(detail.reasonText).toMatch(/consensus is \d\.\d\d; above 0\.5 it is an anomaly/);

  const growing = join(folder, 'growing.log');
  writeFileSync(growing, `${lines.slice(0, 20).join('\n')}\n`);
  await app.ask('watch.start', { token: await app.offer(growing) });
  await until(async () =>
    ((await app.ask('status.get', {})).live?.trouble ?? '').includes('Tutorial judges whole logs'),
  );

  await app.ask('models.read_without', { reads: 'windows' });
  expect((await app.ask('models.list', {})).some(({ isReader }) => isReader)).toBe(false);
  await app.ask('models.delete', { modelId: textId });
  expect((await scoreSources(app, [otherId])).error).toContain('needs one that reads windows: train one');
  await app.close();
}, 120_000);

test('sessions of ids are learned as asked for, too (what was asked of lines alone was forgotten for them)', async () => {
  const folder = testFolder();
  const path = join(folder, 'sessions.txt');
  writeFileSync(path, `${Array.from({ length: 60 }, (_, i) => `5 5 22 ${11 + (i % 3)} 9 26`).join('\n')}\n`);
  const app = await openApp(join(folder, 'workspace'));
  const { models, work } = app.app.parts;
  await (
    await work.startLearn({ paths: [path] }, { countsOnly: true }, 'sessions')
  ).finished;
  expect((await models.inUse()).card).toMatchObject({ shape: null, keys: 'sequences' });
  const refused = await (
    await work.startLearn({ paths: [path] }, { countsOnly: true, preset: topK(2) }, 'again')
  ).finished;
  expect(refused.error).toContain('counts expect nothing');
  await app.close();
}, 60_000);
