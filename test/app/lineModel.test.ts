/** @file A text model in use for lines: models learned from then on judge with it, and go on without it, saying so, where it was deleted. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chosenTextModel } from '../../src/main/app/detection/chosenTextModel.ts';
import { trainText } from '../../src/main/app/training/trainText.ts';
import { importLog, learnFrom, openApp, scoreSources } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { unwatchedJob } from '../helpers/job.ts';
import { scoresOf } from '../helpers/scores.ts';
import { until } from '../watch/tables.ts';

const usual = (i: number): string =>
  `10.0.0.${i % 250} - - [10/Oct/2026:13:${String(i % 60).padStart(2, '0')}:00 +0000] "GET /shop/${['list', 'cart', 'item'][i % 3]}.php?page=${i % 7} HTTP/1.1" 200 ${100 + i} "-" "curl/8.0"`;
const attack = usual(1).replace('page=1', 'page=1%27+union+select+1');

it('reads lines for the models learned from then on, live as in a batch, until it is deleted', async () => {
  const folder = testFolder();
  const [path, growing] = [join(folder, 'access.log'), join(folder, 'growing.log')];
  writeFileSync(path, `${Array.from({ length: 400 }, (_, i) => usual(i)).join('\n')}\n`);
  const test = await openApp(join(folder, 'workspace'));
  const { services, models } = test.app.parts;
  const sourceId = await importLog(test, path);
  const textId = services.host.newId();
  const plan = { kind: 'text', name: 'shop', reads: 'lines' } as const;
  await trainText(
    services,
    { modelId: textId, sourceIds: [sourceId], plan, maxEpochs: 1, provider: 'cpu' },
    unwatchedJob(),
  );
  const used = await test.ask('models.use', { modelId: textId });
  expect(used.jobId).toBeNull();
  expect(used.models.map(({ id, isReader, state }) => [id, isReader, state])).toEqual([[textId, true, 'kept']]);
  expect((await learnFrom(test, [sourceId])).state).toBe('done');
  const model = await models.inUse();
  expect(model.detection.set.ids.slice(-2)).toEqual(['text', 'trigram']);
  expect(model.calibrations.f32.fusion?.detectors.map(({ id }) => id)).toEqual(model.detection.set.ids);

  const lines = [...Array.from({ length: 30 }, (_, i) => usual(i)), attack, usual(3)];
  const heard = new Map<number, number>();
  test.app.parts.watches.onScored = ({ eventIds, scores }) =>
    eventIds.forEach((id, index) => heard.set(id, scores[index] ?? 0));
  writeFileSync(growing, `${lines.slice(0, 20).join('\n')}\n`);
  await test.ask('watch.start', { token: await test.offer(growing) });
  await until(() => Promise.resolve(heard.size === 20));
  appendFileSync(growing, `${lines.slice(20).join('\n')}\n`);
  await until(() => Promise.resolve(heard.size === lines.length));
  const followedId = (await test.ask('sources.list', {})).find(({ live }) => live !== null)?.id ?? 0;
  const live = [...heard].sort(([a], [b]) => a - b).map(([, score]) => score);
  const { scores } = await scoresOf(test, followedId);
  // The session's end is judged with its last event, when it comes.
  live.slice(0, -1).forEach((score, row) => expect(score).toBeCloseTo(scores[row] ?? 0, 2));
  expect(Math.max(...live)).toBe(live[30]);

  expect((await test.ask('status.get', {})).notices).toEqual([]);
  await test.ask('models.delete', { modelId: textId });
  expect(await chosenTextModel(services, 'lines')).toBeNull();
  expect((await scoreSources(test, [followedId])).state).toBe('done');
  expect((await models.inUse()).detection.set.lines).toEqual(['trigram']);
  expect((await test.ask('status.get', {})).notices).toEqual([expect.stringContaining('was deleted')]);
  await test.close();
}, 120_000);
