/** @file The demo: a made-up office network's log, its quiet first half learned, its second half with attacks scored. */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { generateOffice } from '../lab/office.ts';

export const demoLines = 60_000;
/** So many lines are somewhat less than this many days of the made-up office. */
const demoDays = 24;
const dayMs = 86_400_000;
const demoSeed = 7;
const anomalyRate = 0.004;

export const demoLogNames = ['office-quiet.log', 'office-watched.log'] as const;

/** Writes the two halves, the same ones for the same day; the caller deletes them. */
export async function writeDemoLogs(
  directory: string,
  now: number,
): Promise<{ quietPath: string; watchedPath: string }> {
  await mkdir(directory, { recursive: true });
  const startAt = Math.floor(now / dayMs) * dayMs - demoDays * dayMs;
  const [quietPath, watchedPath] = demoLogNames.map((name) => join(directory, name)) as [string, string];
  const lines = generateOffice({ lines: demoLines, seed: demoSeed, anomalyRate, startAt, cleanUntil: 0.5 });
  const part = function* (count: number): Generator<string> {
    for (let line = 0; line < count; line++) {
      const next = lines.next();
      if (next.done) return;
      yield `${next.value.text}\n`;
    }
  };
  await pipeline(Readable.from(part(demoLines / 2)), createWriteStream(quietPath));
  await pipeline(Readable.from(part(demoLines)), createWriteStream(watchedPath));
  return { quietPath, watchedPath };
}

export async function removeDemoLogs(paths: { quietPath: string; watchedPath: string }): Promise<void> {
  await Promise.all([rm(paths.quietPath, { force: true }), rm(paths.watchedPath, { force: true })]);
}
