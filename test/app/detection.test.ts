/** @file All detectors in the app: they decide together, what each says is kept, models of before go on by order alone, and rows name who raised them. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { loadKeyModel, type ModelData } from '../../src/main/app/keyModel.ts';
import { modelDirectory } from '../../src/main/app/services.ts';
import { minusLog10P } from '../../src/main/detect/calibration.ts';
import { importLog, openApp, scoreSources } from '../helpers/app.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { scoresOf } from '../helpers/scores.ts';

let learned: Learned;
beforeAll(async () => {
  learned = await learnOffice();
});

test('every detector that learned is calibrated, by both graphs, and votes are kept with alerts, the strongest first', async () => {
  const app = await openApp(await learned.copy());
  const model = await app.app.parts.models.inUse();
  const { set } = model.detection;
  expect(set.ids).toEqual(expect.arrayContaining(['key', 'count_vector', 'ngram', 'who_where', 'clock', 'trigram']));
  for (const graph of ['f32', 'int8'] as const)
    expect(model.calibrations[graph].fusion?.detectors.map(({ id }) => id)).toEqual(set.ids);
  expect((await app.ask('status.get', {})).notices).toEqual([]);
  await scoreSources(app, [await importLog(app, learned.watched.path)]);
  const { rows } = await app.ask('alerts.list', { tab: 'open', limit: 500 });
  const voters = new Set<string>();
  for (const row of rows) {
    const { votes, perplexity, confidence } = await app.ask('alerts.get', { alertId: row.id });
    expect(votes[0]?.detector ?? 'key').toBe(row.detector);
    for (const { detector } of votes) voters.add(detector);
    expect(perplexity).toBeGreaterThanOrEqual(1);
    expect(confidence).toBeGreaterThanOrEqual(0);
    expect(confidence).toBeLessThanOrEqual(1);
  }
  expect(voters.size).toBeGreaterThan(3);
  await app.close();
});

test('a model of before the other detectors judges by its key calibration alone, and the status says so', async () => {
  const workspace = await learned.copy();
  let app = await openApp(workspace);
  const { store } = app.app.parts.services;
  const [record] = await store.call('list_models', undefined);
  if (!record) throw new Error('Nothing was learned.');
  const directory = modelDirectory(app.app.parts.services, record.id);
  const data = JSON.parse(readFileSync(join(directory, 'detector.json'), 'utf8')) as ModelData;
  delete data.fusion;
  delete data.int8;
  const text = JSON.stringify(data);
  writeFileSync(join(directory, 'detector.json'), text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const files = record.files
    .filter(({ name }) => name !== 'detectors.json')
    .map((file) => (file.name === 'detector.json' ? { ...file, sha256 } : file));
  await store.call('update_model', { id: record.id, files, actor: { analyst: 'test', at: 0 } });
  await app.close();
  app = await openApp(workspace);
  const model = await loadKeyModel(app.app.parts.services, { ...record, files });
  expect(model.detection.set.ids).toEqual(['key']);
  expect((await app.ask('status.get', {})).notices).toEqual([expect.stringContaining('Learn again')]);
  const { bits, scores } = await scoresOf(app, await importLog(app, learned.watched.path));
  const differing = [...bits.keys()].filter(
    (row) => Math.abs((scores[row] ?? 0) - minusLog10P(data.calibration, bits[row] ?? 0)) > 1e-6,
  );
  expect(differing).toEqual([]);
  await app.close();
});

test('a log that changes all at once is told in the status with the place, one that stays is not', async () => {
  const app = await openApp(await learned.copy());
  const { store } = app.app.parts.services;
  const model = await app.app.parts.models.inUse();
  const path = join(await learned.copy(), 'changed.log');
  const { lines } = learned.quiet;
  const changed = lines.slice(0, 2000).map((line) => line.replace(/\b[a-z]{4,}\b/g, 'other'));
  writeFileSync(path, [...lines.slice(0, 3000), ...changed].join('\n'));
  const quietId = (await app.ask('sources.list', {}))[0]?.id ?? 0;
  await scoreSources(app, [quietId]);
  expect((await store.call('list_runs', { modelId: model.id })).map(({ drift }) => drift)).toEqual([null]);
  await scoreSources(app, [await importLog(app, path)]);
  const notices = (await app.ask('status.get', {})).notices;
  expect(notices).toEqual([expect.stringMatching(/^changed\.log surprises .* times as much from about line/)]);
  await app.close();
});
