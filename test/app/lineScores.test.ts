/**
 * @file Line detectors on a real workspace: a distinct line is read once and remembered, its score is the same however it comes, a text model that is
 * gone or another is not asked, and the heat map shows what was never seen.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importFile } from '../../src/main/app/importFile.ts';
import { chosenTextModel } from '../../src/main/app/detection/chosenTextModel.ts';
import { lineHeat } from '../../src/main/app/detection/lineHeat.ts';
import { openLineDetectors, type LearnedLines } from '../../src/main/app/detection/lineDetection.ts';
import {
  chooseTextModel,
  lineDetectionOf,
  openLineModel,
  openWindowModel,
} from '../../src/main/app/detection/lineModels.ts';
import { LineScores, type LinePage } from '../../src/main/app/detection/lineScores.ts';
import { learnLines } from '../../src/main/app/detection/learnLines.ts';
import { openServices, type Services } from '../../src/main/app/services.ts';
import { importTextModel } from '../../src/main/app/textModels.ts';
import { trainText } from '../../src/main/app/training/trainText.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import { readStreamPages } from '../../src/main/learn/keyTable.ts';
import { unwatchedJob } from '../helpers/job.ts';
import { fileFolder } from '../helpers/folders.ts';
import { tinyFolder } from '../trainer/checkpoints.ts';

const { signal } = new AbortController();
const usual = (i: number): string =>
  `10.0.0.${i % 250} - - [10/Oct/2026:13:${String(i % 60).padStart(2, '0')}:00 +0000] "GET /shop/${['list', 'cart', 'item'][i % 3]}.php?page=${i % 7} HTTP/1.1" 200 ${100 + i} "-" "curl/8.0"`;
const attack = usual(1).replace('page=1', 'page=1%27+union+select+1');
const lines = [...Array.from({ length: 240 }, (_, i) => usual(i)), attack, usual(3), attack];

let services: Services;
let page: LinePage;
let learned: LearnedLines;
let modelId: string;

beforeAll(async () => {
  const folder = fileFolder();
  const path = join(folder, 'access.log');
  writeFileSync(path, `${lines.join('\n')}\n`);
  services = await openServices(createNodeHost('test'), join(folder, 'workspace'));
  const { sourceId } = await importFile(services, { path, name: 'access.log', format: null }, unwatchedJob());
  for await (const read of readStreamPages(services.store, sourceId, signal)) page = read;
  modelId = services.host.newId();
  const plan = { kind: 'text', name: 'shop', reads: 'lines' } as const;
  await trainText(services, { modelId, sourceIds: [sourceId], plan, maxEpochs: 2, provider: 'cpu' }, unwatchedJob());
  const training = { eventIds: page.eventIds.subarray(0, 168), lineHashes: page.lineHashes.subarray(0, 168) };
  learned = await learnLines(
    services.store,
    { hashKey: services.opened.hashKey, textModelId: modelId },
    [training],
    signal,
  );
}, 60_000);
afterAll(() => services.close());

/** Counts what is asked of the store and the engine. */
function counted(): { source: ConstructorParameters<typeof LineScores>[0]; asked: number[] } {
  const asked: number[] = [];
  const { store } = services;
  return {
    asked,
    source: {
      engine: services.engine(),
      store: {
        call: (method, input, options) => {
          if (method === 'get_events') asked.push((input as { ids: number[] }).ids.length);
          return store.call(method, input, options);
        },
      },
    },
  };
}

const scoresWith = async (columns: Float32Array[], row: number): Promise<number[]> =>
  Promise.resolve(columns.map((column) => column[row] ?? Number.NaN));

it('ranks the attack above every usual line, by the text model and by trigrams alone', async () => {
  const model = await openLineModel(services, modelId, signal);
  const detection = openLineDetectors(learned, { model, hashKey: services.opened.hashKey });
  expect([...detection.ids].sort()).toEqual(['text', 'trigram']);
  const { source } = counted();
  const columns = await new LineScores(source, detection).score(page, signal);
  for (const column of columns) {
    const strange = column[240] ?? 0;
    expect(column[242]).toBe(strange);
    expect(Math.max(...column.subarray(0, 240))).toBeLessThan(strange);
  }
});

it('reads a distinct line once, and gives the same line by line as in one page', async () => {
  const model = await openLineModel(services, modelId, signal);
  const detection = openLineDetectors(learned, { model, hashKey: services.opened.hashKey });
  const { source, asked } = counted();
  const scores = new LineScores(source, detection);
  const whole = await scores.score(page, signal);
  const distinct = new Set(page.lineHashes).size;
  expect(asked).toEqual([distinct]);
  await scores.score(page, signal);
  expect(asked).toEqual([distinct]);
  const alone = new LineScores(source, detection, 2); // forgets nearly all
  for (const row of [0, 240, 5, 242]) {
    const one = { eventIds: page.eventIds.subarray(row, row + 1), lineHashes: page.lineHashes.subarray(row, row + 1) };
    const expected = await scoresWith(whole, row);
    (await scoresWith(await alone.score(one, signal), 0)).forEach((score, i) =>
      expect(score).toBeCloseTo(expected[i] ?? 0, 3),
    );
  }
});

it('says nothing of events without a line hash, and of lines that are gone', async () => {
  const detection = openLineDetectors(learned, { model: null, hashKey: services.opened.hashKey });
  const { source, asked } = counted();
  const gone = { eventIds: Float64Array.of(1, 999_999), lineHashes: Float64Array.of(0, 77) };
  const [column] = await new LineScores(source, detection).score(gone, signal);
  expect(column && [...column]).toEqual([Number.NaN, Number.NaN]);
  expect(asked).toEqual([1]);
});

it('keeps to the text model it was calibrated with: another, or none, leaves the trigrams and says why', async () => {
  const { hashKey } = services.opened;
  const model = await openLineModel(services, modelId, signal);
  expect(openLineDetectors(learned, { model: { ...model, id: 'another' }, hashKey }).ids).toEqual(['trigram']);
  const lost = await lineDetectionOf(services, { ...learned, text: { textModelId: 'gone' } }, signal);
  expect(lost.ids).toEqual(['trigram']);
  expect(lost.lacks).toContain('deleted');
  expect((await lineDetectionOf(services, learned, signal)).lacks).toBeNull();
});

it('a checkpoint that never read masked lines cannot be chosen; a trained model can, and is remembered', async () => {
  const { id } = await importTextModel(services, { from: tinyFolder, name: 'tiny', seed: 1 }, unwatchedJob());
  await expect(chooseTextModel(services, id, signal)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(chooseTextModel(services, 'nobody', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await chosenTextModel(services, 'lines')).toBeNull();
  await expect(openWindowModel(services, modelId, signal)).rejects.toMatchObject({ code: 'CONFLICT' });
  await chooseTextModel(services, modelId, signal);
  expect(await chosenTextModel(services, 'lines')).toBe(modelId);
});

it('colours the characters of the attack, and few others', async () => {
  const [event] = await services.store.call('get_events', { ids: [page.eventIds[240] ?? 0], maxChars: 4000 });
  if (!event) throw new Error('The event is gone.');
  const hashKey = services.opened.hashKey;
  const model = await openLineModel(services, modelId, signal);
  for (const detection of [
    openLineDetectors(learned, { model, hashKey }),
    openLineDetectors(learned, { model: null, hashKey }),
  ]) {
    const heat = await lineHeat(services, detection, event);
    const strongest = heat.reduce((best, span) => (span.bits > best.bits ? span : best));
    const from = event.raw.indexOf('%27');
    expect(strongest.start).toBeGreaterThanOrEqual(from - 2);
    expect(strongest.end).toBeLessThanOrEqual(event.raw.indexOf(' HTTP/') + 1);
    const within = heat.filter(({ start, end }) => start >= from - 2 && end <= event.raw.indexOf(' HTTP/') + 1);
    const sum = (spans: typeof heat): number => spans.reduce((all, { bits }) => all + bits, 0);
    expect(sum(within)).toBeGreaterThan(sum(heat) / 2);
    heat.forEach(({ start, end }, i) => expect(start < end && start >= (heat[i - 1]?.end ?? 0)).toBe(true));
  }
});
