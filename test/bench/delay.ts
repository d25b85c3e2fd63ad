/**
 * @file From a line written to a file that is followed to its alert in the store and told of: lab lines at a steady rate for a while, with lines of
 * a program that was never seen among them. The writer shares the app's process: its load is in the figure.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { generateOffice } from '../../src/main/lab/office.ts';
import { importLog, learnFrom, openApp } from '../helpers/app.ts';

const linesPerSecond = 5000;
const seconds = 30;
const startAt = Date.UTC(2026, 8, 7);
/** One line in so many is of a kind that was never seen. */
const rogueEvery = 1000;
const writeMs = 10;

export async function benchDelay(): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'surprisal-bench-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string): Promise<Record<string, number>> {
  const quiet = join(folder, 'quiet.log');
  writeFileSync(
    quiet,
    [...generateOffice({ lines: 6000, seed: 1, anomalyRate: 0, startAt })].map(({ text }) => `${text}\n`).join(''),
  );
  const app = await openApp(join(folder, 'workspace'));
  const learned = await learnFrom(app, [await importLog(app, quiet)]);
  if (learned.state !== 'done') throw new Error(learned.error ?? learned.state);
  const path = join(folder, 'growing.log');
  writeFileSync(path, '');
  await app.ask('watch.start', { token: await app.offer(path) });
  const { services, watches } = app.app.parts;
  /** Of every rogue line, when it was written; and when its alert was there and told of. */
  const writtenAt = new Map<number, number>();
  const delays: number[] = [];
  let scored = 0;
  watches.onScored = ({ eventIds }) => void (scored += eventIds.length);
  app.app.subscribe((event) => {
    if (event.topic !== 'alerts.changed') return;
    // Told of now: which alerts the store has by then is asked after, and counts from here.
    const at = performance.now();
    void services.store
      .call('list_alerts', {
        tab: 'open',
        filter: 'roguebench',
        zone: 'UTC',
        asOf: null,
        order: 'time',
        after: null,
        until: null,
        limit: 500,
        minScore: 0,
        now: services.host.now(),
        analyst: '',
      })
      .then(({ rows }) => {
        for (const { lineNumber } of rows) {
          const written = writtenAt.get(lineNumber);
          if (written === undefined) continue;
          writtenAt.delete(lineNumber);
          delays.push(at - written);
        }
      });
  });
  const lines = generateOffice({ lines: linesPerSecond * seconds, seed: 2, anomalyRate: 0, startAt });
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  let written = 0;
  let rogues = 0;
  const file = openSync(path, 'a');
  for (;;) {
    const due = Math.min(linesPerSecond * seconds, Math.floor(((performance.now() - began) / 1000) * linesPerSecond));
    let text = '';
    for (; written < due;) {
      written++;
      if (written % rogueEvery === 0) {
        rogues++;
        text += `Sep 10 03:11:00 gw${rogues} roguebench[${rogues}]: kind${'abcdefghij'[rogues % 10]}${rogues} refused by gateway reason unknown\n`;
        writtenAt.set(written, performance.now());
      } else text += `${lines.next().value?.text ?? ''}\n`;
    }
    if (text !== '') writeSync(file, text);
    if (written >= linesPerSecond * seconds) break;
    await new Promise((resolve) => setTimeout(resolve, writeMs));
  }
  closeSync(file);
  const wroteFor = (performance.now() - began) / 1000;
  const isDone = (): boolean => scored >= written && writtenAt.size === 0;
  for (const end = performance.now() + 20_000; !isDone() && performance.now() < end;)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const cpu = process.cpuUsage(cpuBefore);
  const elapsed = (performance.now() - began) / 1000;
  await app.close();
  delays.sort((a, b) => a - b);
  const at = (share: number): number => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? NaN;
  return {
    lines_per_s: written / wroteFor,
    lines_scored: scored,
    alerts_told: delays.length,
    alerts_missed: writtenAt.size,
    alert_delay_p50_ms: at(0.5),
    alert_delay_p95_ms: at(0.95),
    alert_delay_max_ms: delays.at(-1) ?? NaN,
    cpu_cores_used: (cpu.user + cpu.system) / 1e6 / elapsed,
  };
}
