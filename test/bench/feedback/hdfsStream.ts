/** @file Labelled sessions of HDFS through the app, as sessions of ids: half of those that are labelled is watched, the other half is later. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { main } from '../../../src/main/cli/main.ts';
import { Random } from '../../../src/shared/random.ts';
import { readAlerts, type StreamAlert } from './stream.ts';

/** One session in a hundred: as much as possible is kept. */
const budget = '1000/100k';

/** `harmlessLater`: sessions of the later part that are none of a threat. */
export async function hdfsStream(
  dataDirectory: string,
  workspace: string,
  folder: string,
  seed: number,
): Promise<{ alerts: StreamAlert[]; harmlessLater: number }> {
  const table = await readFile(join(dataDirectory, 'hdfs-keys', 'robust_log_valid.csv'), 'utf8');
  const sessions = table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => ({ ids: line.split(',')[0] ?? '', isThreat: line.split(',')[1]?.trim() === '1' }));
  const random = new Random(seed);
  for (let last = sessions.length - 1; last > 0; last--) {
    const other = random.integer(0, last);
    const [a, b] = [sessions[last], sessions[other]];
    if (a && b) [sessions[last], sessions[other]] = [b, a];
  }
  const path = join(folder, 'judged');
  await writeFile(path, `${sessions.map(({ ids }) => ids).join('\n')}\n`);
  const learn = ['--input', join(dataDirectory, 'hdfs-keys', 'hdfs_train'), '--budget', budget, '--seed', String(seed)];
  await silently(['learn', '--workspace', workspace, '--sequences', ...learn]);
  const output = join(folder, 'scores.jsonl');
  await silently(['score', '--workspace', workspace, '--sequences', '--input', path, '--output', output]);
  const half = sessions.length / 2;
  const alerts = readAlerts(workspace, (_source, line) => ({
    part: line <= half ? 'watched' : 'later',
    attack: sessions[line - 1]?.isThreat ? line : null,
  }));
  return { alerts, harmlessLater: sessions.slice(half).filter(({ isThreat }) => !isThreat).length };
}

/** The commands' own JSON is not the bench's. */
async function silently(args: string[]): Promise<void> {
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    const status = await main(args);
    if (status !== 0) throw new Error(`${args[0]} ended with ${status}`);
  } finally {
    process.stdout.write = write;
  }
}
