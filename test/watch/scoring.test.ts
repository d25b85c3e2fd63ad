/** @file Events scored as they come: the bits and alerts that a batch gives the same lines, whatever model is in use, also after a crash of the loop. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { readOwnRows } from '../../src/main/app/detection/taughtJudges.ts';
import { currentThreshold } from '../../src/main/app/thresholdInForce.ts';
import type { AlertRow } from '../../src/shared/alerts.ts';
import type { LiveScores } from '../../src/main/app/watch/liveRaiser.ts';
import { learnFrom, openApp, type TestApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { rogueLines } from '../helpers/office.ts';
import { until } from './tables.ts';

let learned: Learned;
beforeAll(async () => {
  learned = await learnOffice();
});

/** Scores as they are told, by event; an end's beside its event's own. */
function listen(app: TestApp) {
  const heard = { events: new Set<number>(), bits: new Map<number, number>(), alerts: [] as LiveScores['alerts'] };
  app.app.parts.watches.onScored = ({ eventIds, bits, ends, alerts }) => {
    eventIds.forEach((id, index) => {
      expect(heard.events.has(id)).toBe(false); // scored twice
      heard.events.add(id);
      heard.bits.set(id, bits[index] ?? 0);
    });
    for (const end of ends) heard.bits.set(end.eventId, Math.max(end.bits, heard.bits.get(end.eventId) ?? 0));
    heard.alerts.push(...alerts);
  };
  return heard;
}

const open = async (app: TestApp): Promise<AlertRow[]> =>
  (await app.ask('alerts.list', { tab: 'open', limit: 500 })).rows;

async function followed(app: TestApp, path: string): Promise<number> {
  await app.ask('watch.start', { token: await app.offer(path) });
  await until(async () => (await app.ask('sources.list', {})).some(({ live }) => live !== null));
  return (await app.ask('sources.list', {})).find(({ live }) => live !== null)?.id ?? 0;
}

const figures = (rows: readonly AlertRow[]) =>
  rows
    .map(({ lineNumber, score, bits, severity, reason, title, eventCount }) => ({
      ...{ lineNumber, severity, reason, title, eventCount },
      score: Number(score.toFixed(3)),
      bits: Number(bits.toFixed(3)),
    }))
    .sort((a, b) => a.lineNumber - b.lineNumber);

async function batchBits(app: TestApp, sourceId: number): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const { jobs, scoring } = app.app.parts;
  const { finished } = jobs.start({ kind: 'score', subject: 'again', sourceIds: [sourceId] }, (job) =>
    scoring.scoreSource(sourceId, job, (eventId, bits) => void found.set(eventId, bits)).then(() => ''),
  );
  await finished;
  return found;
}

/** Other weights, and normals that joined the calibration, as verdicts teach them: a version, without what is remembered of verdicts. */
async function teach({ app }: TestApp): Promise<void> {
  const { services, thresholds } = app.parts;
  await thresholds.settled();
  const current = await currentThreshold(services);
  if (!current) throw new Error('There is no threshold.');
  const rows = await readOwnRows(services, current.modelId, 'f32');
  const raised =
    rows?.detectors.map(({ id, weight }, place) => [id, weight * (place % 2 === 0 ? 0.2 : 1)] as const) ?? [];
  const sum = raised.reduce((all, [, weight]) => all + weight, 0);
  const weights = Object.fromEntries(raised.map(([id, weight]) => [id, weight / sum]));
  const { version: _version, isCurrent: _isCurrent, ...kept } = current;
  const taught = { weights, joined: { rows: 500, scores: { a: [1.5, 2] }, shift: 0 } };
  const actor = await services.actor();
  await services.store.call('add_threshold', { threshold: { ...kept, reason: 'verdicts', taught }, actor });
}

let untaught: ReturnType<typeof figures> = [];

test.each(['own', 'taught'])(
  'bits and alerts are those of a batch over the same lines, under weights that are %s',
  async (whose) => {
    const app = await openApp(await learned.copy());
    if (whose === 'taught') await teach(app);
    const heard = listen(app);
    const path = join(testFolder(), 'growing.log');
    const { lines } = learned.watched;
    writeFileSync(path, `${lines.slice(0, 40).join('\n')}\n`);
    const sourceId = await followed(app, path);
    for (let at = 40; at < lines.length; at += 90) {
      appendFileSync(path, `${lines.slice(at, at + 90).join('\n')}\n`);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await until(() => Promise.resolve(heard.events.size === lines.length));
    // Ends that are scored when nothing comes for a while.
    await until(async () => {
      const { store } = app.app.parts.services;
      return (await store.call('read_ends', { sourceId, limit: 1 })).length === 0;
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const live = figures(await open(app));
    const ids = (await open(app)).map(({ id }) => id).sort();
    const bits = await batchBits(app, sourceId);
    const differing = [...bits].filter(([id, value]) => Math.abs(value - (heard.bits.get(id) ?? -1)) > 1e-3);
    expect(differing).toEqual([]);
    expect(live.length).toBeGreaterThan(5);
    expect(figures(await open(app))).toEqual(live);
    expect((await open(app)).map(({ id }) => id).sort()).toEqual(ids);
    expect(live).not.toEqual(untaught);
    untaught = live;
    await app.close();
  },
);

// Bugs: every session with a new version of a line alerts; or a batch and what is followed take different events for the news of it.
test('a new version of a line is judged where the old one stood, and is news once, in a batch as in what is followed', async () => {
  const app = await openApp(await learned.copy());
  const live = new Map<number, number>();
  app.app.parts.watches.onScored = ({ eventIds, scores }) =>
    eventIds.forEach((id, index) => live.set(id, scores[index] ?? NaN));
  const path = join(testFolder(), 'upgraded.log');
  const changed: number[] = [];
  const lines = learned.watched.lines.map((line, index) => {
    const edited = line.replace(/(cron:session\): session opened for user \S+) by/, '$1 begun by');
    if (edited !== line) changed.push(index);
    return edited;
  });
  expect(changed.length).toBeGreaterThan(20);
  writeFileSync(path, `${lines.slice(0, 300).join('\n')}\n`);
  const sourceId = await followed(app, path);
  appendFileSync(path, `${lines.slice(300).join('\n')}\n`);
  await until(() => Promise.resolve(live.size === lines.length));
  const { jobs, scoring } = app.app.parts;
  const batch = new Map<number, { bits: number; score: number }>();
  const { finished } = jobs.start({ kind: 'score', subject: 'again', sourceIds: [sourceId] }, (job) =>
    scoring.scoreSource(sourceId, job, (id, bits, score) => void batch.set(id, { bits, score })).then(() => ''),
  );
  await finished;
  // A session begins with them: none is judged again for its session's end.
  const ids = [...batch.keys()].sort((a, b) => a - b);
  const own = changed.map((index) => ids[index] ?? 0);
  expect(own.filter((id) => Math.abs((batch.get(id)?.score ?? NaN) - (live.get(id) ?? NaN)) > 1e-3)).toEqual([]);
  // By its order; a kind that was never seen has more than ten bits here.
  expect(own.filter((id) => (batch.get(id)?.bits ?? NaN) > 8)).toEqual([]);
  const { rows } = await app.ask('alerts.list', { tab: 'open', limit: 500 });
  const news = rows.filter(({ lineNumber, detector }) => detector === 'new_kind' && changed.includes(lineNumber - 1));
  expect(news.length).toBeLessThanOrEqual(1);
  await app.close();
});

test('an end of the app between writing and scoring costs nothing: what was not scored is scored, once', async () => {
  const workspace = await learned.copy();
  const path = join(testFolder(), 'growing.log');
  writeFileSync(path, `${learned.watched.lines.slice(0, 500).join('\n')}\n`);
  let app = await openApp(workspace);
  let heard = listen(app);
  await followed(app, path);
  await until(() => Promise.resolve(heard.events.size > 100));
  const first = heard;
  await app.close();
  appendFileSync(path, `${learned.watched.lines.slice(500).join('\n')}\n`);
  app = await openApp(workspace);
  heard = listen(app);
  await until(() => Promise.resolve(first.events.size + heard.events.size >= learned.watched.lines.length));
  expect([...heard.events].filter((id) => first.events.has(id))).toEqual([]);
  await app.close();
});

test('who hears of a round and throws makes no detector see the lines of another log twice', async () => {
  const app = await openApp(await learned.copy());
  const folder = testFolder();
  const heard = new Map<number, string>();
  const { watches } = app.app.parts;
  let throws = 3;
  watches.onScored = ({ eventIds, scores }) => {
    eventIds.forEach((id, index) => heard.set(id, (scores[index] ?? 0).toFixed(3)));
    if (throws-- > 0) throw new Error('not now');
  };
  const { lines } = learned.watched;
  for (const name of ['one.log', 'two.log']) writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await app.ask('watch.start', { token: await app.offer(folder), pattern: '*.log' });
  await until(() => Promise.resolve(heard.size === 2 * lines.length));
  const ids = [...heard.keys()];
  const sources = (await app.ask('sources.list', {})).filter(({ live }) => live !== null);
  const { jobs, scoring } = app.app.parts;
  const batch = new Map<number, string>();
  for (const { id } of sources) {
    const { finished } = jobs.start({ kind: 'score', subject: 'again', sourceIds: [id] }, (job) =>
      scoring.scoreSource(id, job, (eventId, _bits, score) => void batch.set(eventId, score.toFixed(3))).then(() => ''),
    );
    await finished;
  }
  // A batch may say more of a session's last event, which it judges with the end.
  expect(ids.filter((id) => (heard.get(id) ?? '') > (batch.get(id) ?? ''))).toEqual([]);
  await app.close();
});

test('a decided alert is closed: the same again is folded under it or new, and it keeps its figures', async () => {
  const app = await openApp(await learned.copy());
  const heard = listen(app);
  const path = join(testFolder(), 'growing.log');
  const { lines } = learned.quiet;
  writeFileSync(path, `${lines.slice(0, 60).join('\n')}\n`);
  await followed(app, path);
  appendFileSync(path, `${rogueLines[0]}\n`);
  await until(async () => (await open(app)).some(({ template }) => template.startsWith('rogued')));
  const alert = (await open(app)).find(({ template }) => template.startsWith('rogued'));
  await app.ask('verdicts.give', { alertId: alert?.id ?? '', value: 'false_positive_logic' });
  // What folds is at most twice as unusual as what was judged, both by what verdicts taught: until stored alerts have followed, that may differ.
  await app.app.parts.thresholds.rescored();
  appendFileSync(path, `${rogueLines[0]}\n`);
  await until(() => Promise.resolve(heard.alerts.some(({ isFolded }) => isFolded)));
  const decided = (await app.ask('alerts.list', { tab: 'decided' })).rows;
  expect(decided.map(({ id, eventCount, foldedCount }) => [id, eventCount, foldedCount])).toEqual([[alert?.id, 1, 1]]);
  await app.close();
});

// Bug: whoever repeats an attack lifts the threshold above it before anybody has looked.
test('what is under an open alert does not raise the threshold, says so, and does once it was decided to be harmless', async () => {
  const app = await openApp(await learned.copy());
  const heard = listen(app);
  const path = join(testFolder(), 'growing.log');
  // More events than the budget expects ten alarms in, and nothing changes all at once.
  const lines = learned.quiet.lines.slice(0, 1100).flatMap((line, index) => {
    const rogue = rogueLines[(index / 10) % rogueLines.length];
    return rogue ? [line, rogue] : [line];
  });
  const later = lines.slice(-50);
  await app.ask('thresholds.set_budget', { budget: { alerts: 1000, per: '100k' } });
  writeFileSync(path, `${lines.slice(0, -50).join('\n')}\n`);
  await followed(app, path);
  await until(() => Promise.resolve(heard.events.size === lines.length - 50));
  const versions = async () => (await app.ask('thresholds.list', {})).filter(({ reason }) => reason === 'drift');
  const notices = async () => (await app.ask('status.get', {})).notices.filter((text) => text.includes('left out'));
  await until(async () => (await notices()).length > 0);
  expect(await versions()).toEqual([]);
  expect(await notices()).toEqual([
    expect.stringMatching(/rise .* \d+ lines under \d+ alerts that nobody decided were/),
  ]);
  const selection = { kind: 'query' as const, query: { tab: 'open' as const, filter: '', zone: 'UTC' }, except: [] };
  await app.ask('verdicts.give_many', { selection, value: 'false_positive_logic' });
  appendFileSync(path, `${later.join('\n')}\n`);
  await until(async () => (await versions()).length > 0);
  const [version] = await versions();
  expect(version?.meaning).toMatch(/follows the log.*higher/);
  await until(async () => (await notices()).length === 0);
  await app.close();
});

test('another model takes over in the middle: no line is lost or scored twice', async () => {
  const app = await openApp(await learned.copy());
  const heard = listen(app);
  const path = join(testFolder(), 'growing.log');
  const { lines } = learned.watched;
  writeFileSync(path, '');
  await app.ask('watch.start', { token: await app.offer(path) });
  let written = 0;
  const timer = setInterval(() => {
    appendFileSync(path, `${lines.slice(written, written + 5).join('\n')}\n`);
    written += 5;
    if (written >= lines.length) clearInterval(timer);
  }, 40);
  const [quiet] = await app.ask('sources.list', {});
  expect((await learnFrom(app, [quiet?.id ?? 0], 2)).state).toBe('done');
  await until(() => Promise.resolve(written >= lines.length && heard.events.size === lines.length));
  const models = new Set((await open(app)).map(({ id }) => id));
  expect(models.size).toBeGreaterThan(0);
  await app.close();
}, 120_000);
