/**
 * @file Single lines to the local API over kept connections: at a steady rate, timed from when each was due, and as fast as they are answered. The
 * client is a process of its own; the app shares the machine with it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { generateOffice } from '../../src/main/lab/office.ts';
import { serveApi } from '../api/served.ts';
import { importLog, learnFrom, openApp } from '../helpers/app.ts';

const startAt = Date.UTC(2026, 8, 7);
const perSecond = 2000;
const seconds = 15;
const warmSeconds = 5;

export type ClientPlan = {
  port: number;
  token: string;
  path: string;
  perSecond: number | null;
  seconds: number;
  sources: number;
};
export type ClientFigures = {
  answered: number;
  failed: number;
  elapsedMs: number;
  p50: number;
  p95: number;
  p99: number;
  cores: number;
};

export async function benchApi(parts: readonly string[]): Promise<Record<string, number>> {
  const sources = Number(parts[0] ?? 1);
  const folder = mkdtempSync(join(tmpdir(), 'surprisal-bench-'));
  try {
    return await measure(folder, sources);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, sources: number): Promise<Record<string, number>> {
  const write = (name: string, lines: number, seed: number): string => {
    const path = join(folder, name);
    const texts = [...generateOffice({ lines, seed, anomalyRate: 0, startAt })].map(({ text }) => `${text}\n`);
    writeFileSync(path, texts.join(''));
    return path;
  };
  const workspace = join(folder, 'workspace');
  const app = await openApp(workspace);
  const job = await learnFrom(app, [await importLog(app, write('quiet.log', 6000, 1))]);
  if (job.state !== 'done') throw new Error(job.error ?? job.state);
  await app.close();
  const { port, token, app: served } = await serveApi(workspace, 1_000_000);
  const path = write('sent.log', perSecond * (seconds + warmSeconds), 2);
  const plan = { port, token, path, sources };
  const load = loadavg()[0] ?? NaN;
  await runClient({ ...plan, perSecond, seconds: warmSeconds });
  const cpuBefore = process.cpuUsage();
  const steady = await runClient({ ...plan, perSecond, seconds });
  const cpu = process.cpuUsage(cpuBefore);
  const most = await runClient({ ...plan, perSecond: null, seconds });
  const { openAlerts } = await served.ask('status.get', {});
  await served.close();
  return {
    load_before: load,
    sources,
    steady_asked_per_s: perSecond,
    steady_answered_per_s: (steady.answered / steady.elapsedMs) * 1000,
    steady_failed: steady.failed,
    steady_p50_ms: steady.p50,
    steady_p95_ms: steady.p95,
    steady_p99_ms: steady.p99,
    steady_app_cores: (cpu.user + cpu.system) / 1000 / steady.elapsedMs,
    steady_client_cores: steady.cores,
    most_per_s: (most.answered / most.elapsedMs) * 1000,
    most_p95_ms: most.p95,
    most_failed: most.failed,
    open_alerts: openAlerts,
  };
}

async function runClient(plan: ClientPlan): Promise<ClientFigures> {
  const script = fileURLToPath(new URL('apiClient.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(plan)], { stdio: ['ignore', 'pipe', 'inherit'] });
  return (await json(child.stdout)) as ClientFigures;
}
