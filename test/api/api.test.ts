/** @file The local API over real HTTP, with a model that learned an office: what it says of lines, what becomes of them, and what is said back. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { TestApp } from '../helpers/app.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { rogueLines } from '../helpers/office.ts';
import { serveApi, type ApiAt } from './served.ts';

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

const line = (logLine: string, source = 'gateway', minute = 0) => ({
  timestamp: new Date(Date.UTC(2026, 8, 10, 3, minute)).toISOString(),
  log_line: logLine,
  source,
});

test('a line is judged after its source’s earlier lines, stored as it came, and its alert is in the queue', async () => {
  const { ask, app } = await served();
  const quiet = learned.quiet.lines.slice(0, 200);
  const answers = await ask.post(
    '/analyze',
    quiet.map((text) => line(text)),
  );
  expect(answers.status).toBe(200);
  expect(answers.json).toHaveLength(200);
  const one = await ask.post('/analyze', line(rogueLines[0] ?? '', 'gateway', 12));
  expect(one.json).toMatchObject({
    timestamp: '2026-09-10T03:12:00.000Z',
    is_anomaly: true,
    alert_id: expect.any(String) as string,
    reasoning: expect.stringContaining('never seen') as string,
  });
  expect(one.json.score).toBeGreaterThanOrEqual(one.json.threshold);
  expect(one.json.p).toBeCloseTo(10 ** -one.json.score, 12);
  const { row } = await app.ask('alerts.get', { alertId: one.json.alert_id, isBlind: false });
  expect(row).toMatchObject({ state: 'open', sourceName: 'gateway', lineNumber: 201 });
  const [source] = (await app.ask('sources.list', {})).filter(({ name }) => name === 'gateway');
  const stored = await app.ask('logs.read', { sourceId: source?.id ?? 0, afterLine: 0, limit: 200 });
  expect(stored.map(({ raw }) => raw)).toEqual(quiet);
});
