/** @file The client of `bench api`: one line a request over kept connections, and how long each answer took. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { ClientFigures, ClientPlan } from './api.ts';

const connections = 64;
const tickMs = 2;

const plan = JSON.parse(process.argv[2] ?? '') as ClientPlan;
const lines = readFileSync(plan.path, 'utf8').trimEnd().split('\n');
const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
const times: number[] = [];
let [sent, answered, failed] = [0, 0, 0];

function ask(due: number, done: () => void): void {
  const line = lines[sent % lines.length] ?? '';
  const body = JSON.stringify({
    timestamp: new Date(`${line.slice(0, 15)} 2026 UTC`).toISOString(),
    log_line: line,
    source: `bench-${sent % plan.sources}`,
  });
  sent++;
  const asked = request(
    {
      agent,
      host: '127.0.0.1',
      port: plan.port,
      path: '/analyze',
      method: 'POST',
      headers: {
        authorization: `Bearer ${plan.token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    },
    (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) answered++;
        else failed++;
        times.push(performance.now() - due);
        done();
      });
    },
  );
  asked.on('error', () => {
    failed++;
    done();
  });
  asked.end(body);
}

const began = performance.now();
const until = began + plan.seconds * 1000;
const cpuBefore = process.cpuUsage();
if (plan.perSecond === null) {
  const chain = (): Promise<void> =>
    new Promise((resolve) => {
      const next = (): void => (performance.now() < until ? ask(performance.now(), next) : resolve());
      next();
    });
  await Promise.all(Array.from({ length: connections }, chain));
} else {
  const { perSecond } = plan;
  const all = perSecond * plan.seconds;
  await new Promise<void>((resolve) => {
    let finished = 0;
    const done = (): void => {
      if (++finished === all) resolve();
    };
    const tick = (): void => {
      const due = Math.min(all, Math.floor(((performance.now() - began) / 1000) * perSecond));
      while (sent < due) ask(began + (sent / perSecond) * 1000, done);
      if (sent < all) setTimeout(tick, tickMs);
    };
    tick();
  });
}
const elapsedMs = performance.now() - began;
const cpu = process.cpuUsage(cpuBefore);
times.sort((a, b) => a - b);
const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
const figures: ClientFigures = {
  answered,
  failed,
  elapsedMs,
  p50: at(0.5),
  p95: at(0.95),
  p99: at(0.99),
  cores: (cpu.user + cpu.system) / 1000 / elapsedMs,
};
process.stdout.write(JSON.stringify(figures));
process.exit(0);
