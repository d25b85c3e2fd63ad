/** @file The local API over real HTTP, with a model that learned an office: what it says of lines, what becomes of them, and what is said back. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { AlertMessage } from '../../src/main/api/schemas.ts';
import { createApp } from '../../src/main/app/createApp.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import { LiveScorer } from '../../src/main/app/watch/liveScorer.ts';
import { AppError } from '../../src/shared/errors.ts';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { rogueLines } from '../helpers/office.ts';
import { clientOf, freePort, serveApi, type ApiAt, type Reply } from './served.ts';

let learned: Learned;
beforeAll(async () => {
  learned = await learnOffice();
});
const apps: TestApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function served(workspace?: string): Promise<ApiAt> {
  const at = await serveApi(workspace ?? (await learned.copy()));
  apps.push(at.app);
  return at;
}

const at = (minute: number): string => new Date(Date.UTC(2026, 8, 10, 3, minute)).toISOString();
const line = (text: string | undefined, minute = 0, source = 'gateway') => ({
  timestamp: at(minute),
  log_line: text ?? '',
  source,
});
const quiet = (count: number, source?: string) =>
  learned.quiet.lines.slice(0, count).map((text) => line(text, 0, source));
/** Later than the cooldown of the one before, or that would count it. */
const rogue = (index: number) => line(rogueLines[index]?.replace(/03:1\d/, `03:${12 + 10 * index}`), 12 + 10 * index);
const audit = async ({ app }: ApiAt): Promise<{ analyst: string; action: string }[]> => {
  const { entryCount } = await app.app.parts.services.store.call('size', undefined);
  expect(entryCount).toBeGreaterThan(0);
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(join(app.app.parts.services.directory, 'surprisal.db'), { readonly: true });
  const rows = db.prepare('SELECT analyst, action FROM audit ORDER BY sequence').all();
  db.close();
  return rows as { analyst: string; action: string }[];
};

test('a line is judged after its source’s earlier lines, stored as it came, and its alert is in the queue', async () => {
  const { ask, app } = await served();
  const answers = await ask.post('/analyze', quiet(200));
  expect(answers.status).toBe(200);
  expect(answers.json).toHaveLength(200);
  const { json } = await ask.post('/analyze', rogue(0));
  expect(json).toMatchObject({ timestamp: at(12), is_anomaly: true });
  expect(json.reasoning).toContain('never seen');
  expect(json.score).toBeGreaterThanOrEqual(json.threshold);
  expect(json.p).toBeCloseTo(10 ** -json.score, 12);
  const { row } = await app.ask('alerts.get', { alertId: json.alert_id ?? '', isBlind: false });
  expect(row).toMatchObject({ state: 'open', sourceName: 'gateway', lineNumber: 201 });
  const [source] = (await app.ask('sources.list', {})).filter(({ name }) => name === 'gateway');
  const stored = await app.ask('logs.read', { sourceId: source?.id ?? 0, afterLine: 0, limit: 200 });
  expect(stored.map(({ raw }) => raw)).toEqual(learned.quiet.lines.slice(0, 200));
  expect(source).toMatchObject({ eventCount: 201, lastAt: Date.UTC(2026, 8, 10, 3, 0) });
});

test('one by one, together and at once from many clients a source’s lines get the same bits of surprise', async () => {
  const first = await served();
  const together = (await first.ask.post('/analyze', quiet(60))).json as unknown as Reply[];
  const second = await served();
  const single: Reply[] = [];
  for (const one of quiet(60)) single.push((await second.ask.post('/analyze', one)).json);
  expect(single.map(({ score }) => score)).toEqual(together.map(({ score }) => score));
  const many = await Promise.all(['a', 'b', 'c'].map((source) => second.ask.post('/analyze', quiet(60, source))));
  for (const { json } of many)
    expect((json as unknown as Reply[]).map(({ score }) => score)).toEqual(together.map(({ score }) => score));
});

test('what a verdict says of an alert counts for the next line that is alike: folded and no anomaly, or known at once', async () => {
  const at = await served();
  await at.ask.post('/analyze', quiet(100));
  const first = (await at.ask.post('/analyze', rogue(0))).json;
  const wrong = await at.ask.post('/feedback', {
    alert_id: first.alert_id,
    was_correct: false,
    actual_label: 'normal',
  });
  expect([wrong.status, wrong.json]).toEqual([200, { status: 'Feedback recorded' }]);
  const second = (await at.ask.post('/analyze', rogue(1))).json;
  expect(second).toMatchObject({ is_anomaly: false, alert_id: expect.any(String) as string });
  expect(second.reasoning).toContain('folded');
  const { json: metrics } = await at.ask.get('/metrics');
  expect(metrics).toMatchObject({ total_processed: 102, false_positives: 1, true_positives: 0 });
  expect(metrics.detection_rate).toBeCloseTo(metrics.anomalies_detected / 102, 12);
  // It was answered as normal, and it was a threat: both may be said of what a verdict hides.
  const known = await at.ask.post('/feedback', {
    alert_id: second.alert_id,
    was_correct: false,
    actual_label: 'anomaly',
  });
  expect(known.status).toBe(200);
});

test('all four cells are verdicts of the token’s name: threats, false alarms, what was missed, and what is normal indeed', async () => {
  const at = await served();
  await at.ask.post('/analyze', quiet(100));
  const anomaly = (await at.ask.post('/analyze', rogue(0))).json;
  const tell = (body: object) => at.ask.post('/feedback', body);
  const text = rogue(0).log_line;
  // What contradicts the answer is not recorded.
  for (const body of [
    { log_line: text, was_correct: true, actual_label: 'normal' },
    { log_line: text, was_correct: false, actual_label: 'anomaly' },
    { log_line: quiet(1)[0]?.log_line, was_correct: true, actual_label: 'anomaly' },
    { log_line: quiet(1)[0]?.log_line, was_correct: false, actual_label: 'normal' },
  ])
    expect((await tell(body)).status).toBe(409);
  expect((await tell({ log_line: 'never sent', was_correct: true })).status).toBe(404);
  expect((await tell({ alert_id: 'none', was_correct: true })).status).toBe(404);
  expect((await tell({ log_line: text, was_correct: true, actual_label: 'anomaly' })).status).toBe(200);
  expect((await tell({ log_line: quiet(41)[40]?.log_line, was_correct: false, actual_label: 'anomaly' })).status).toBe(
    200,
  );
  const { store } = at.app.app.parts.services;
  const before = await at.app.ask('memory.list', {});
  expect((await tell({ log_line: quiet(61)[60]?.log_line, was_correct: true })).status).toBe(200);
  // A line that is normal was no alert: nothing that comes is folded for it.
  expect(await at.app.ask('memory.list', {})).toEqual(before);
  const { rows } = await at.app.ask('alerts.list', {
    tab: 'decided',
    filter: '',
    zone: 'UTC',
    asOf: null,
    order: 'time',
    after: null,
    until: null,
    limit: 50,
  });
  const said = rows.map(({ origin, verdict }) => [origin, verdict?.value, verdict?.analyst]);
  expect(said).toEqual(
    expect.arrayContaining([
      ['detector', 'true_positive', 'collector (API)'],
      ['missed', 'true_positive', 'collector (API)'],
      ['sample', 'false_positive_logic', 'collector (API)'],
    ]),
  );
  expect(said).toHaveLength(3);
  expect(rows.some(({ id }) => id === anomaly.alert_id)).toBe(true);
  const entries = (await audit(at)).filter(({ analyst }) => analyst === 'collector (API)').map(({ action }) => action);
  expect(entries.filter((action) => action === 'verdict.given')).toHaveLength(3);
  expect(entries).toEqual(expect.arrayContaining(['alert.missed', 'alert.named_normal']));
  expect(await store.call('verify_audit', undefined)).toMatchObject({ brokenAt: null });
  expect((await at.ask.get('/metrics')).json).toMatchObject({ true_positives: 1, false_positives: 0 });
});

test('who listens hears of each alert once, over either stream, with the line and up to ten before it', async () => {
  const { ask, port, token } = await served();
  await ask.post('/analyze', quiet(100));
  const authorization = `Bearer ${token}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/stream`, { headers: { authorization } });
  const heard: unknown[] = [];
  socket.on('message', (data) => heard.push(JSON.parse((data as Buffer).toString('utf8'))));
  await once(socket, 'open');
  const gone = new AbortController();
  const events = await fetch(`http://127.0.0.1:${port}/events`, { headers: { authorization }, signal: gone.signal });
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
  await ask.post('/analyze', rogue(0));
  await ask.post('/analyze', rogue(2));
  await expect.poll(() => heard.length, { timeout: 5000 }).toBe(2);
  expect(heard[0]).toMatchObject({
    timestamp: at(12),
    log_line: rogue(0).log_line,
    context: learned.quiet.lines.slice(90, 100),
  });
  expect(Object.keys(heard[0] ?? {}).sort()).toEqual(
    ['timestamp', 'log_line', 'confidence', 'perplexity', 'reasoning', 'context'].sort(),
  );
  let text = '';
  while ((text.match(/\nevent: alert|^event: alert/gm) ?? []).length < 2 || !text.endsWith('\n\n'))
    text += (await reader?.read())?.value ?? '';
  const sent = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as unknown);
  expect(sent).toEqual(heard);
  gone.abort();
  socket.close();
});

test('alerts of a whole log that is scored are told of like any other, all of them, in the order of the queue', async () => {
  const { app, port, token } = await served();
  const authorization = `Bearer ${token}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/stream`, { headers: { authorization } });
  const heard: AlertMessage[] = [];
  socket.on('message', (data) => heard.push(JSON.parse((data as Buffer).toString('utf8')) as AlertMessage));
  await once(socket, 'open');
  // More than are read at once. No two of the same words, or one would be counted by the other.
  const name = (index: number): string =>
    index.toString(26).replace(/./g, (digit) => 'abcdefghijklmnopqrstuvwxyz'[parseInt(digit, 26)] ?? '');
  const odd = Array.from({ length: 100 }, (_unused, index) => {
    const at = `${String(4 + Math.floor(index / 50)).padStart(2, '0')}:${String(index % 50).padStart(2, '0')}`;
    return `Sep 10 ${at}:00 gw1 ${name(index)}rogued[9]: ${name(index)}beacon gave ${name(index)}up`;
  });
  const path = join(testFolder(), 'whole.log');
  writeFileSync(path, [...learned.quiet.lines.slice(0, 50), ...odd].join('\n'));
  const sourceId = await importLog(app, path);
  await scoreSources(app, [sourceId]);
  const { rows } = await app.ask('alerts.list', { tab: 'open', limit: 200 });
  const expected = rows.toSorted((a, b) => a.number - b.number);
  expect(expected.length).toBeGreaterThan(64);
  await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(expected.length);
  const lines = [...learned.quiet.lines.slice(0, 50), ...odd];
  for (const [index, { lineNumber }] of expected.entries()) {
    expect(heard[index]).toMatchObject({
      log_line: lines[lineNumber - 1],
      context: lines.slice(Math.max(0, lineNumber - 11), lineNumber - 1),
    });
  }
  // Scored again, nothing is new.
  await scoreSources(app, [sourceId]);
  await app.ask('status.get', {});
  expect(heard).toHaveLength(expected.length);
  socket.close();
});

test('the switch and the tokens survive a restart, a revoked token does not, and what was not scored is scored then', async () => {
  const workspace = await learned.copy();
  const first = await served(workspace);
  await first.ask.post('/analyze', quiet(100));
  const other = await first.app.ask('api.create_token', { name: 'other' });
  expect((await first.app.refusal('api.create_token', { name: 'other' })).code).toBe('CONFLICT');
  const otherAsk = clientOf(first.port, other.token);
  expect((await otherAsk.get('/metrics')).status).toBe(200);
  await first.app.ask('api.revoke_token', { tokenId: other.id });
  expect((await otherAsk.get('/metrics')).status).toBe(401);
  // The store has the line when the engine fails, and nobody can be answered.
  const { score } = LiveScorer.prototype;
  LiveScorer.prototype.score = function () {
    throw new AppError('PROCESS_GONE', 'Played.');
  };
  try {
    expect((await first.ask.post('/analyze', rogue(0))).status).toBe(503);
  } finally {
    LiveScorer.prototype.score = score;
  }
  await first.app.close();
  apps.splice(0);
  const app = await openApp(workspace);
  apps.push(app);
  expect((await app.ask('status.get', {})).api).toMatchObject({ runsAt: first.port, problem: null });
  await expect.poll(async () => (await app.ask('status.get', {})).openAlerts, { timeout: 10_000 }).toBeGreaterThan(0);
  const ask = clientOf(first.port, first.token);
  expect((await ask.post('/analyze', rogue(1))).json.is_anomaly).toBe(true);
  expect(await app.ask('api.test', {})).toMatchObject({ isFine: true });
  expect(await app.ask('api.set', { isOn: false, port: first.port, perSecond: 100 })).toMatchObject({ runsAt: null });
  await expect(ask.get('/metrics')).rejects.toThrow();
  expect(await app.ask('api.test', {})).toMatchObject({ isFine: false });
  const tokens = await app.ask('api.tokens', {});
  expect(tokens.map(({ name, revokedAt }) => [name, revokedAt === null])).toEqual([
    ['collector', true],
    ['other', false],
  ]);
  expect(JSON.stringify(tokens)).not.toContain(first.token);
});

test('off by default; without a model nothing is stored and the answer says so; a port that is taken is shown and not hidden', async () => {
  const app = await openApp(join(testFolder(), 'workspace'));
  apps.push(app);
  expect(await app.ask('api.get', {})).toMatchObject({ settings: { isOn: false, port: 8000 }, runsAt: null });
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const refused = await app.ask('api.set', { isOn: true, port, perSecond: 100 });
  expect(refused).toMatchObject({ runsAt: null, problem: expect.stringContaining(`Port ${port} is taken`) as string });
  expect((await app.ask('status.get', {})).notices).toContain(refused.problem);
  taken.close();
  const free = await freePort();
  await app.ask('api.set', { isOn: true, port: free, perSecond: 100 });
  const { token } = await app.ask('api.create_token', { name: 'collector' });
  const answer = await clientOf(free, token).post('/analyze', line('one'));
  expect([answer.status, answer.json.error.message]).toEqual([409, expect.stringContaining('No model is in use')]);
  expect(await app.ask('sources.list', {})).toEqual([]);
});

test('serve answers on its port whatever is set, and a port that is taken is a reason and no crash', async () => {
  const open = (workspaceDirectory: string, apiPort: number) =>
    createApp(createNodeHost('test'), { workspaceDirectory, apiPort });
  const port = await freePort();
  const one = await open(join(testFolder(), 'one'), port);
  const two = await open(join(testFolder(), 'two'), port);
  expect(one.parts.api.state).toMatchObject({ settings: { isOn: false }, runsAt: port, isServed: true });
  expect((await fetch(`http://127.0.0.1:${port}/openapi.json`)).status).toBe(200);
  expect(two.parts.api.state).toMatchObject({
    runsAt: null,
    problem: expect.stringContaining(`Port ${port}`) as string,
  });
  await two.close();
  await one.close();
  await expect(fetch(`http://127.0.0.1:${port}/openapi.json`)).rejects.toThrow();
});

test('a log that is removed begins anew with its next line, and one source too many is refused without the others', async () => {
  const { ask, app } = await served();
  await ask.post('/analyze', quiet(20));
  const own = async () => (await app.ask('sources.list', {})).filter(({ name }) => name === 'gateway');
  const [before] = await own();
  await app.ask('sources.delete', { sourceId: before?.id ?? 0 });
  expect((await ask.post('/analyze', quiet(5))).status).toBe(200);
  const [after] = await own();
  expect(after).toMatchObject({ eventCount: 5 });
  expect(after?.id).not.toBe(before?.id);
  const many = Array.from({ length: 999 }, (_, index) => line('x', 0, `source ${index}`));
  expect((await ask.post('/analyze', many)).status).toBe(200);
  const [refused, taken] = await Promise.all([
    ask.post('/analyze', line('x', 0, 'one more')),
    ask.post('/analyze', line('x', 0, 'source 5')),
  ]);
  expect([refused.status, taken.status]).toEqual([409, 200]);
}, 60_000);

test('a line of a million characters, characters that hide, NUL and a half of a pair are judged and kept, and found again', async () => {
  const { ask } = await served();
  await ask.post('/analyze', quiet(20));
  for (const text of [
    'token '.repeat(160_000),
    '\u202Eevil\u0000\u001b[31m\r\nnext',
    'half \ud83d of a pair',
    '<img src=x>',
  ]) {
    const answer = await ask.post('/analyze', line(text));
    expect(answer.status).toBe(200);
    const told = await ask.post('/feedback', { log_line: text, was_correct: true });
    expect(told.status).toBe(200);
  }
});

test('what is known of a source that nothing comes to is let go, and read again when something does', async () => {
  const { ask, app } = await served();
  const { store } = app.app.parts.services;
  const [call, clock] = [store.call, performance.now.bind(performance)];
  const starts = new Map<number, number>();
  const fromStart: number[] = [];
  vi.spyOn(store, 'call').mockImplementation(((method: string, input: never, options: never) => {
    const { sourceId, afterEventId } = (input ?? {}) as { sourceId: number; afterEventId: number };
    if (method === 'read_keys' && starts.get(sourceId) === afterEventId) fromStart.push(sourceId);
    if (method === 'read_keys' && !starts.has(sourceId)) starts.set(sourceId, afterEventId);
    return call(method as 'read_keys', input, options);
  }) as typeof call);
  let laterMs = 0;
  const later = vi.spyOn(performance, 'now').mockImplementation(() => clock() + laterMs);
  try {
    const say = async (source: string) => (await ask.post('/analyze', quiet(60, source))).status;
    expect([await say('one'), await say('two')]).toEqual([200, 200]);
    fromStart.length = 0;
    expect([await say('one'), fromStart]).toEqual([200, []]);
    laterMs = 3_600_000;
    expect([await say('two'), fromStart]).toEqual([200, []]);
    expect(await say('one')).toBe(200);
    expect(new Set(fromStart).size).toBe(1);
  } finally {
    later.mockRestore();
  }
});
