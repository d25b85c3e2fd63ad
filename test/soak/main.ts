/**
 * @file `npm run test:soak -- [--minutes 60] [--json]`: a served app under everything an analyst does, for as long as that, and what its
 * memory, handles and files do meanwhile. Fails where a request fails that should not.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServing, type Serving } from '../helpers/serving.ts';
import { measure, type Measured } from './measure.ts';
import { openQuietLog, workOneRound } from './round.ts';
import { slopePerHour } from './slope.ts';

const sampleMs = 5000;
const megabyte = 1024 * 1024;
const collect = new URL('collect.ts', import.meta.url).href;

/** A page that stays open: it reads what it is told. */
async function hearEvents(serving: Serving, signal: AbortSignal): Promise<void> {
  const { body } = await serving.events(signal);
  for await (const chunk of body ?? []) void chunk;
}

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, json: { type: 'boolean' } } });
const untilMs = Date.now() + Number(values.minutes) * 60_000;
const workspace = await mkdtemp(join(tmpdir(), 'surprisal-soak-'));
const serving = await startServing(workspace, ['--expose-gc', '--import', collect]);
const samples: Measured[] = [];
let rounds = 0;
const failures: unknown[] = [];
const sampling = (async () => {
  while (Date.now() < untilMs && failures.length === 0) {
    const sample = await measure(serving, workspace);
    samples.push(sample);
    const { rssBytes, heapBytes, trainerBytes, handleCount } = sample;
    const mb = (bytes: number): string => (bytes / megabyte).toFixed(1);
    process.stdout.write(
      `${new Date(sample.atMs).toISOString()} round ${rounds}: resident ${mb(rssBytes)} MB, heap ${mb(heapBytes)} MB, trainer ${mb(trainerBytes)} MB, ${handleCount} handles\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, sampleMs));
  }
})();
const page = new AbortController();
hearEvents(serving, page.signal).catch((error: unknown) => {
  if (!page.signal.aborted) failures.push(error);
});
try {
  const quietId = await openQuietLog(serving);
  for (; Date.now() < untilMs && failures.length === 0; rounds++) {
    // Another page comes, and goes in the middle of what it is told.
    const other = new AbortController();
    hearEvents(serving, other.signal).catch(() => undefined);
    await workOneRound(serving, rounds, quietId);
    other.abort();
  }
} catch (error) {
  failures.push(error);
}
await sampling.catch((error: unknown) => failures.push(error));
const { eventCount } = await serving.ask('status.get', {}).catch(() => ({ eventCount: 0 }));
page.abort();
await serving.kill();
await rm(workspace, { recursive: true, force: true, maxRetries: 5 });

const complete = samples.filter(({ isComplete }) => isComplete);
const slopeMb = (pick: (sample: Measured) => number): number | null => {
  const slope = slopePerHour(complete.map((sample) => ({ atMs: sample.atMs, value: pick(sample) })));
  return slope === null ? null : slope / megabyte;
};
const last = samples.at(-1);
const figures = {
  minutes: ((last?.atMs ?? 0) - (samples[0]?.atMs ?? 0)) / 60_000,
  rounds,
  samples: samples.length,
  samplesComplete: complete.length,
  residentSlopeMbPerHour: slopeMb((sample) => sample.rssBytes),
  heapSlopeMbPerHour: slopeMb((sample) => sample.heapBytes),
  externalSlopeMbPerHour: slopeMb((sample) => sample.externalBytes),
  residentLastMb: (complete.at(-1)?.rssBytes ?? 0) / megabyte,
  residentMostMb: Math.max(...samples.map(({ rssBytes }) => rssBytes)) / megabyte,
  trainerMostMb: Math.max(...samples.map(({ trainerBytes }) => trainerBytes)) / megabyte,
  handlesFirst: samples[3]?.handleCount ?? null,
  handlesLast: last?.handleCount ?? null,
  walMostMb: Math.max(...samples.map(({ walBytes }) => walBytes)) / megabyte,
  databaseMb: (last?.databaseBytes ?? 0) / megabyte,
  databaseBytesPerEvent: eventCount > 0 ? (last?.databaseBytes ?? 0) / eventCount : null,
};
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else
  for (const [name, value] of Object.entries(figures))
    process.stdout.write(`${name.padEnd(32)} ${value === null ? 'not known' : Math.round(value * 100) / 100}\n`);
for (const failure of failures) process.stderr.write(`The soak failed in round ${rounds}: ${String(failure)}\n`);
process.exit(failures.length === 0 ? 0 : 1);
