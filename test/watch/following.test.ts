/** @file Files that grow, through requests as an analyst makes them: every line once, as an import of the same bytes would have it. */
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Source } from '../../src/shared/sources.ts';
import type { LiveScores } from '../../src/main/app/watch/liveRaiser.ts';
import { LiveScorer } from '../../src/main/app/watch/liveScorer.ts';
import { AppError } from '../../src/shared/errors.ts';
import { importLog, openApp, type TestApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';
import { writeOffice } from '../helpers/office.ts';
import { linesOf, tablesOf, until } from './tables.ts';

async function follow(app: TestApp, path: string, pattern?: string): Promise<number> {
  const watch = await app.ask('watch.start', { token: await app.offer(path), ...(pattern ? { pattern } : {}) });
  return watch.id;
}

const sources = (app: TestApp): Promise<Source[]> => app.ask('sources.list', {});
const has = (app: TestApp, count: number, source = 0) =>
  until(async () => (await sources(app))[source]?.eventCount === count);

test('a file that grows gives the tables that an import of it gives', async () => {
  const folder = testFolder();
  const { lines } = writeOffice(join(folder, 'whole.log'), { lines: 3000, seed: 3, anomalyRate: 0.02 });
  const imported = await openApp(join(folder, 'imported'));
  await importLog(imported, join(folder, 'whole.log'));
  const followed = await openApp(join(folder, 'followed'));
  const path = join(folder, 'growing.log');
  writeFileSync(path, '');
  await follow(followed, path);
  for (let at = 0; at < lines.length; at += 500) {
    // Ends in the middle of a line.
    const text = lines.slice(at, at + 500).join('\n');
    appendFileSync(path, text.slice(0, -7));
    await new Promise((resolve) => setTimeout(resolve, 20));
    appendFileSync(path, `${text.slice(-7)}\n`);
  }
  await has(followed, lines.length);
  await until(async () => (await tablesOf(followed)).source.lag === 0);
  expect(await tablesOf(followed)).toEqual(await tablesOf(imported));
  await followed.close();
  await imported.close();
});

test('rotation by renaming: what is written to the old file after it, and all of the new one, in order', async () => {
  const folder = testFolder();
  const app = await openApp(join(folder, 'workspace'));
  const path = join(folder, 'app.log');
  writeFileSync(path, 'one\ntwo\n');
  await follow(app, path);
  await has(app, 2);
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'three, written late\nfour without an end');
  writeFileSync(path, 'five\n');
  await has(app, 5);
  // Twice before anybody looks.
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'six\n');
  writeFileSync(path, 'seven\n');
  renameSync(`${path}.2`, `${path}.3`);
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'eight\n');
  await has(app, 8);
  const [source] = await sources(app);
  expect(await linesOf(app, source?.id ?? 0)).toEqual([
    'one',
    'two',
    'three, written late',
    'four without an end',
    'five',
    'six',
    'seven',
    'eight',
  ]);
  await app.close();
});

test('copied and cut, replaced by a smaller one, deleted and back, behind a link', async () => {
  const folder = testFolder();
  const app = await openApp(join(folder, 'workspace'));
  const path = join(folder, 'real.log');
  const link = join(folder, 'link.log');
  symlinkSync(path, link);
  writeFileSync(path, 'one of the first file\ntwo\n');
  await follow(app, link);
  await has(app, 2);
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
  appendFileSync(path, 'three\n');
  await has(app, 3);
  writeFileSync(join(folder, 'small'), 'four\n');
  renameSync(join(folder, 'small'), path);
  await has(app, 4);
  rmSync(path);
  await until(async () => (await sources(app))[0]?.live?.state === 'waiting');
  writeFileSync(path, 'five\n');
  await has(app, 5);
  const [source] = await sources(app);
  expect(await linesOf(app, source?.id ?? 0)).toEqual(['one of the first file', 'two', 'three', 'four', 'five']);
  await app.close();
});

test('paused nothing is read; stopped and closed it goes on where it was, also behind a rotation', async () => {
  const folder = testFolder();
  const path = join(folder, 'app.log');
  writeFileSync(path, 'one\n');
  let app = await openApp(join(folder, 'workspace'));
  const watchId = await follow(app, path);
  await has(app, 1);
  await app.ask('watch.pause', { watchId });
  appendFileSync(path, 'two\n');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect((await sources(app))[0]).toMatchObject({ eventCount: 1, live: { state: 'paused' } });
  await app.ask('watch.resume', { watchId });
  await has(app, 2);
  await app.close();
  appendFileSync(path, 'three\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'four\n');
  app = await openApp(join(folder, 'workspace'));
  await has(app, 4);
  await app.ask('watch.stop', { watchId });
  appendFileSync(path, 'five\n');
  expect((await app.ask('watch.list', {}))[0]).toMatchObject({ state: 'stopped', kind: 'file', path });
  await app.close();
  app = await openApp(join(folder, 'workspace'));
  expect((await sources(app))[0]?.live).toMatchObject({ state: 'stopped' });
  await app.ask('watch.resume', { watchId });
  await has(app, 5);
  const [source] = await sources(app);
  expect(await linesOf(app, source?.id ?? 0)).toEqual(['one', 'two', 'three', 'four', 'five']);
  await app.close();
});

test('an import beside it keeps its ids and its templates, and both logs are searched', async () => {
  const folder = testFolder();
  const path = join(folder, 'app.log');
  const office = writeOffice(join(folder, 'office.log'), { lines: 2000, seed: 5, anomalyRate: 0 });
  writeFileSync(path, `${office.lines.slice(0, 300).join('\n')}\n`);
  const app = await openApp(join(folder, 'workspace'));
  await follow(app, path);
  await has(app, 300);
  const importing = importLog(app, office.path);
  appendFileSync(path, 'gw1 zebrad[7]: a line that nobody else has\n');
  await importing;
  await has(app, 301);
  appendFileSync(path, 'gw1 zebrad[8]: a line that nobody else has\n');
  await has(app, 302);
  expect((await sources(app)).map(({ eventCount }) => eventCount)).toEqual([302, 2000]);
  const found = await app.ask('logs.search', { text: 'zebrad', afterEventId: 0, limit: 10 });
  expect(found.lines.map(({ raw }) => raw)).toHaveLength(2);
  await app.close();
});

test('a folder by a pattern: files that come later, many more than handles, and not what a log became', async () => {
  const folder = testFolder();
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const count = 300;
  for (let file = 0; file < count; file++) writeFileSync(join(logs, `n${file}.log`), `first of ${file}\n`);
  writeFileSync(join(logs, 'n7.log.1'), 'older lines of n7\n');
  writeFileSync(join(logs, 'other.txt'), 'not asked for\n');
  const app = await openApp(join(folder, 'workspace'));
  await follow(app, logs, 'n*.log*');
  await until(async () => (await sources(app)).length === count);
  for (let file = 0; file < count; file++) appendFileSync(join(logs, `n${file}.log`), `second of ${file}\n`);
  writeFileSync(join(logs, 'n-later.log'), 'came later\n');
  await until(async () => (await app.ask('status.get', {})).eventCount === 2 * count + 1);
  const open = readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(logs);
    } catch {
      return false;
    }
  });
  expect(open.length).toBeLessThanOrEqual(64);
  const seventh = (await sources(app)).find(({ name }) => name === 'n7.log');
  expect(await linesOf(app, seventh?.id ?? 0)).toEqual(['first of 7', 'second of 7']);
  await app.close();
}, 60_000);

test('what logs of a folder became is no log of its own: in the gap of a rotation, and beside names that begin alike', async () => {
  const folder = testFolder();
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const names = ['app.log', 'app.log.1', 'app.log.err', 'app.log.err.1', 'mail', 'mail.log', 'mail.log.1'];
  for (const name of names) writeFileSync(join(logs, name), `first of ${name}\n`);
  const app = await openApp(join(folder, 'workspace'));
  await follow(app, logs, '*');
  const followed = ['app.log', 'app.log.err', 'mail', 'mail.log'];
  const found = async () => (await sources(app)).map(({ name }) => name).sort();
  await until(async () => (await found()).length >= followed.length);
  renameSync(join(logs, 'app.log.1'), join(logs, 'app.log.2'));
  renameSync(join(logs, 'app.log'), join(logs, 'app.log.1'));
  // Longer than until the folder is looked at again.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  writeFileSync(join(logs, 'app.log'), 'second of app.log\n');
  await until(async () => (await sources(app)).find(({ name }) => name === 'app.log')?.eventCount === 2);
  expect(await found()).toEqual(followed);
  await app.close();
});

test('one file is followed once: by itself and in its folder, by two patterns, and through a link beside it', async () => {
  const folder = testFolder();
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const path = join(logs, 'app.log');
  writeFileSync(path, 'one\n');
  writeFileSync(join(folder, 'elsewhere'), 'of another folder\n');
  symlinkSync('app.log', join(logs, 'current.log'));
  symlinkSync('../elsewhere', join(logs, 'linked.log'));
  const app = await openApp(join(folder, 'workspace'));
  await follow(app, path);
  await follow(app, logs, '*.log');
  await follow(app, logs, 'a*');
  await until(async () => (await sources(app)).length === 2);
  writeFileSync(join(logs, 'z.log'), 'came later\n');
  await until(async () => (await sources(app)).length === 3);
  appendFileSync(path, 'two\n');
  await has(app, 2);
  expect((await sources(app)).map(({ name }) => name).sort()).toEqual(['app.log', 'linked.log', 'z.log']);
  await app.close();
});

test('a log that was removed and is followed again is read from its beginning', async () => {
  const folder = testFolder();
  const path = join(folder, 'app.log');
  writeFileSync(path, 'one\ntwo\n');
  const app = await openApp(join(folder, 'workspace'));
  const watchId = await follow(app, path);
  await has(app, 2);
  await app.ask('watch.stop', { watchId });
  await app.ask('sources.delete', { sourceId: (await sources(app))[0]?.id ?? 0 });
  await until(async () => (await sources(app)).length === 0);
  await follow(app, path);
  await has(app, 2);
  await app.close();
});

test('a log that was removed before it was scored keeps no other from being scored', async () => {
  const folder = testFolder();
  const path = join(folder, 'app.log');
  writeFileSync(path, 'one\n');
  const app = await openApp(join(folder, 'workspace'));
  const watchId = await follow(app, path);
  await has(app, 1);
  const sourceId = (await sources(app))[0]?.id ?? 0;
  const scorer = new LiveScorer(app.app.parts.services);
  const score = async (): Promise<LiveScores[]> => {
    const all: LiveScores[] = [];
    for await (const scores of scorer.score([sourceId], () => Promise.resolve(null))) all.push(scores);
    return all;
  };
  await score(); // now it knows the source
  await app.ask('watch.stop', { watchId });
  await app.ask('sources.delete', { sourceId });
  expect(await score()).toEqual([]);
  await app.close();
});

test('one look that fails stops following for a moment only', async () => {
  const folder = testFolder();
  const path = join(folder, 'app.log');
  writeFileSync(path, 'one\n');
  const app = await openApp(join(folder, 'workspace'));
  const importer = await app.app.parts.services.importer();
  const call = importer.call.bind(importer);
  let failures = 1;
  importer.call = (async (...args: Parameters<typeof call>) => {
    if (args[0] === 'read_on' && failures-- > 0) throw new AppError('INTERNAL', 'A look failed.');
    return call(...args);
  }) as typeof call;
  await follow(app, path);
  await has(app, 1);
  appendFileSync(path, 'two\n');
  await has(app, 2);
  await app.close();
});

test('an engine that is behind makes reading wait: the lag shows, and nothing is lost', async () => {
  const folder = testFolder();
  const learned = await learnOffice();
  const app = await openApp(await learned.copy());
  const engine = app.app.parts.services.engine();
  const call = engine.call.bind(engine);
  let slowMs = 400;
  engine.call = (async (...args: Parameters<typeof call>) => {
    if (args[0] === 'score') await new Promise((resolve) => setTimeout(resolve, slowMs));
    return call(...args);
  }) as typeof call;
  let scored = 0;
  app.app.parts.watches.onScored = ({ eventIds }) => (scored += eventIds.length);
  const path = join(folder, 'growing.log');
  const { lines } = learned.watched;
  const times = 20;
  writeFileSync(path, Array.from({ length: times }, () => `${lines.join('\n')}\n`).join(''));
  await follow(app, path);
  await until(async () => ((await app.ask('status.get', {})).live?.lagBytes ?? 0) > 500_000);
  const { live } = await app.ask('status.get', {});
  expect(live).toMatchObject({ name: 'growing.log', trouble: null });
  slowMs = 0;
  await until(() => Promise.resolve(scored === times * lines.length), 60_000);
  await until(async () => (await app.ask('status.get', {})).live?.lagBytes === 0);
  expect((await sources(app)).find(({ name }) => name === 'growing.log')?.eventCount).toBe(times * lines.length);
  await app.close();
}, 120_000);
