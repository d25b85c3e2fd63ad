/** @file The int8 graph in the app: a calibration of its own, f32 where it is damaged or was not there yet. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { tablePages } from '../../src/main/app/detection/tablePages.ts';
import { calibrate, type CalibrateInput } from '../../src/main/app/calibrate.ts';
import { linesOf } from '../../src/main/app/detection/learnFrom.ts';
import { loadKeyModel, surpriseOf, type ModelCard, type ModelData } from '../../src/main/app/keyModel.ts';
import { modelDirectory, type Services } from '../../src/main/app/services.ts';
import { cutRows } from '../../src/main/learn/dataset.ts';
import { noDoubt } from '../../src/main/learn/doubt.ts';
import { readKeyTable } from '../../src/main/learn/keyTable.ts';
import type { ModelRecord } from '../../src/main/store/protocol/models.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { openApp, type TestApp } from '../helpers/app.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';

let learned: Learned;
let test: TestApp;
let services: Services;
let record: ModelRecord;
let directory: string;

beforeAll(async () => {
  learned = await learnOffice();
});
beforeEach(async () => {
  test = await openApp(await learned.copy());
  services = test.app.parts.services;
  const [found] = await services.store.call('list_models', undefined);
  if (!found) throw new Error('Nothing was learned.');
  record = found;
  directory = modelDirectory(services, record.id);
});
afterEach(() => test.close());

const card = (): ModelCard => record.card as ModelCard;
const dataOf = (): ModelData => JSON.parse(readFileSync(join(directory, 'detector.json'), 'utf8')) as ModelData;

/** What the learn job calibrates on, for the model that it made. */
async function calibrateInput(): Promise<CalibrateInput> {
  const [source] = await services.store.call('list_sources', undefined);
  const table = await readKeyTable(services.store, source?.id ?? 0, new AbortController().signal);
  const { vocabulary } = await loadKeyModel(services, record);
  const templates = await test.app.parts.texts.records();
  const cut = [{ table, cuts: cutRows(table.eventIds.length), doubt: noDoubt(table.eventIds.length) }];
  const common = { directory, shape: card().shape, cut, vocabulary, templates, keys: 'lines', budgetScore: 2 } as const;
  const { signal } = new AbortController();
  const pages = [await tablePages(services.store, source?.id ?? 0, table, cut[0]?.cuts.trainingEnd ?? 0, signal)];
  const lines = await linesOf(services, cut, pages, signal);
  return { ...common, pages, lines, formats: [source?.format ?? 'plain'] };
}

it('a model as narrow as are learned stays in f32, says why, and keeps its figures', async () => {
  const [model] = await test.ask('models.list', {});
  expect(model?.quantisation).toMatchObject({ isUsed: false, reason: expect.stringContaining('narrow') as string });
  const figures = model?.quantisation?.figures;
  expect(figures?.rankCorrelation).toBeGreaterThan(0.99);
  expect(figures).toMatchObject({ alertAgreement: 1, tailAgreement: 1, events: dataOf().calibration.count });
  expect((await loadKeyModel(services, record)).graph).toBe('f32');
});

it('where its gate held, int8 scores and its own calibration gives the p-values', async () => {
  const figures = card().quantisation?.figures ?? null;
  const held = { ...record, card: { ...card(), quantisation: { isUsed: true, reason: null, figures } } };
  const model = await loadKeyModel(services, held);
  const sequences = packSequences([[1, 4, 5, 6, 7, 2]]);
  const kindAt = (): never => {
    throw new Error('None of them is unseen.');
  };
  const int8 = await surpriseOf(services.engine(), model, sequences, kindAt);
  expect(int8.graph).toBe('int8');
  expect(model.calibrations.int8).toEqual(dataOf().int8);
  expect(model.calibrations.int8.calibration).not.toEqual(model.calibrations.f32.calibration);
  const f32 = await surpriseOf(services.engine(), await loadKeyModel(services, record), sequences, kindAt);
  expect(f32.graph).toBe('f32');
  expect(f32.bits).not.toEqual(int8.bits);
});

it('a quantisation with a damaged scale is refused, and the f32 calibration is as without it', async () => {
  const input = { ...(await calibrateInput()), shape: card().shape };
  const whole = await calibrate(services.engine(), input, new AbortController().signal);
  expect({ ...whole.data, kinds: null }).toEqual({ ...dataOf(), kinds: null });
  const path = join(directory, 'score-int8.onnx');
  const bytes = readFileSync(path);
  const name = 'h.0.mlp.c_proj.int8.scale';
  // The field's tag and the length in two bytes come before the floats.
  const at = bytes.lastIndexOf(name) + name.length + 3;
  for (let i = 0; i < (card().shape?.width ?? 0); i++)
    bytes.writeFloatLE(40 * bytes.readFloatLE(at + 4 * i), at + 4 * i);
  writeFileSync(path, bytes);
  const { data, quantisation } = await calibrate(services.engine(), input, new AbortController().signal);
  expect(quantisation).toMatchObject({ isUsed: false, reason: expect.stringMatching(/ranks|alerts/) as string });
  expect(data.calibration).toEqual(whole.data.calibration);
});

it('a model folder of before the int8 graph loads, and scores in f32', async () => {
  rmSync(join(directory, 'score-int8.onnx'));
  const { int8: _, ...data } = dataOf();
  const text = JSON.stringify(data);
  writeFileSync(join(directory, 'detector.json'), text);
  const files = record.files
    .filter((file) => file.name !== 'score-int8.onnx')
    .map((file) =>
      file.name === 'detector.json' ? { ...file, sha256: createHash('sha256').update(text).digest('hex') } : file,
    );
  const { quantisation: _figures, ...olderCard } = card();
  const model = await loadKeyModel(services, { ...record, files, card: olderCard });
  expect(model.graph).toBe('f32');
  const sequences = packSequences([[1, 4, 2]]);
  const { graph } = await services.engine().call('score', { modelId: model.id, sequences });
  expect(graph).toBe('f32');
});
