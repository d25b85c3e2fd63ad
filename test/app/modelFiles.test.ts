/** @file Model files that are damaged or gone: scoring says so in a sentence, the queue and its alerts stay readable. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadKeyModel } from '../../src/main/app/keyModel.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';

let learned: Learned;
let scored: string;
let watchedId: number;
let test: TestApp;
let workspace: string;

beforeAll(async () => {
  learned = await learnOffice();
  scored = await learned.copy(join(fileFolder(), 'scored'));
  const app = await openApp(scored);
  watchedId = await importLog(app, learned.watched.path);
  await scoreSources(app, [watchedId]);
  await app.close();
});
afterEach(() => test.close());

/** A workspace with alerts, opened after `damage` was done to the folder of its model. */
async function openDamaged(damage: (folder: string) => void): Promise<void> {
  workspace = join(testFolder(), 'workspace');
  await cp(scored, workspace, { recursive: true });
  const [model = ''] = readdirSync(join(workspace, 'models'));
  damage(join(workspace, 'models', model));
  test = await openApp(workspace);
}

const overwrite =
  (name: string) =>
  (folder: string): void => {
    const bytes = readFileSync(join(folder, name));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
    writeFileSync(join(folder, name), bytes);
  };

describe('a model whose files are not what was written', () => {
  it.each([
    ['a truncated graph', (folder: string) => truncateSync(join(folder, 'score.onnx'), 1000), 'score.onnx is not'],
    ['a flipped byte in the weights', overwrite('weights.safetensors'), 'weights.safetensors is not'],
    ['a flipped byte in the int8 graph', overwrite('score-int8.onnx'), 'score-int8.onnx is not'],
    ['a flipped byte in the calibration', overwrite('detector.json'), 'detector.json is not'],
    ['no folder at all', (folder: string) => rmSync(folder, { recursive: true }), 'is missing'],
  ])('%s: scoring names the file, the queue lists, details open without explanation', async (_what, damage, says) => {
    await openDamaged(damage);
    const job = await scoreSources(test, [watchedId]);
    expect(job.state).toBe('failed');
    expect(job.error).toMatch(/^Model m1: /);
    expect(job.error).toContain(says);
    const [model] = await test.ask('models.list', {});
    const refused = await test.refusal('models.use', { modelId: model?.id });
    expect(refused).toMatchObject({ code: 'MODEL_INVALID' });

    const { rows } = await test.ask('alerts.list', { tab: 'open' });
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows) {
      const detail = await test.ask('alerts.get', { alertId: row.id });
      expect(detail.raw.text).toBe(learned.watched.lines[row.lineNumber - 1]);
      expect(detail.session.events.some(({ isCulprit }) => isCulprit)).toBe(true);
      expect(detail.session.events.flatMap(({ expected }) => expected)).toEqual([]);
      expect(detail.modelName).toBe('model no longer there');
      expect(detail.reasonText).not.toMatch(/NaN|undefined|Infinity/);
    }
    await test.ask('verdicts.give', { alertId: rows[0]?.id ?? '', value: 'true_positive' });
    const { id } = await test.ask('cases.create', { title: 'Case', alertIds: [rows[0]?.id ?? ''] });
    const { base64 } = await test.ask('reports.export', { caseId: id, format: 'html' });
    expect(Buffer.from(base64, 'base64').toString('utf8')).toContain('A-1');
    expect((await test.ask('status.get', {})).openAlerts).toBeGreaterThan(0);
  });

  it("of which one is another model's is refused, not scored with ids that mean other kinds", async () => {
    await openDamaged((folder) => {
      const path = join(folder, 'detector.json');
      const data = JSON.parse(readFileSync(path, 'utf8')) as { vocabulary: unknown[] };
      writeFileSync(path, JSON.stringify({ ...data, vocabulary: data.vocabulary.slice(1) }));
    });
    const { services } = test.app.parts;
    const [record] = await services.store.call('list_models', undefined);
    if (!record) throw new Error('There is no model.');
    // As if the folder had been put together from two, with a record to match.
    const files = record.files.filter(({ name }) => name !== 'detector.json');
    await expect(loadKeyModel(services, { ...record, files })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(/^Model m1: detector\.json names \d+ kinds/) as unknown,
    });
  });

  it('is replaced by learning again', async () => {
    await openDamaged((folder) => rmSync(folder, { recursive: true }));
    const short = join(workspace, '..', 'short.log');
    writeFileSync(short, learned.quiet.lines.slice(0, 300).join('\n'));
    expect((await learnFrom(test, [await importLog(test, short)])).state).toBe('done');
    expect((await scoreSources(test, [watchedId])).state).toBe('done');
  });
});
