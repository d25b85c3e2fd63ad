/**
 * @file The public logs in full that published protocols are defined on, read from the raw files as their owners publish them: kind of each line
 * by the app's own import, whose it is and whether it is a threat by the labels. Lines are not kept: they would not fit in memory.
 */
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RawLogs } from './rawLogs.ts';
import type { BenchSession } from './sessions.ts';

/** Lines by column. */
export type PublicLog = {
  name: string;
  /** -1 where the app makes a line part of another's event. */
  kinds: Int32Array;
  /** Number of the block or node that a line is about. */
  actors: Int32Array;
  /** In seconds; 0 where the log is read by block. */
  seconds: Float64Array;
  isThreat: Uint8Array;
  /** Sessions are blocks, of which the whole is labelled; else lines are. */
  isByBlock: boolean;
};

type Definition = { name: string; files: string[]; isByBlock: boolean; size: string };

const definitions: readonly Definition[] = [
  {
    name: 'HDFS_v1',
    files: ['HDFS_v1/HDFS.log', 'HDFS_v1/preprocessed/anomaly_label.csv'],
    isByBlock: true,
    size: '11,175,629 lines of 575,061 blocks',
  },
  { name: 'BGL', files: ['BGL/BGL.log'], isByBlock: false, size: '4,747,963 lines' },
  { name: 'Thunderbird', files: ['Thunderbird/Thunderbird.log'], isByBlock: false, size: 'its first 10,000,000 lines' },
];

/** In words, each file that is not there. */
export function missingFiles(directory: string | undefined): string[] {
  return definitions.flatMap(({ files, size }) =>
    files
      .filter((file) => directory === undefined || !existsSync(join(directory, file)))
      .map((file) => `${file}${file.endsWith('.log') ? ` (${size})` : ''}`),
  );
}

/** Those of which every file is there. */
export async function readPublicLogs(directory: string | undefined): Promise<PublicLog[]> {
  const logs: PublicLog[] = [];
  for (const definition of definitions) {
    if (directory === undefined) break;
    const [log = '', labels] = definition.files.map((file) => join(directory, file));
    if (existsSync(log) && (labels === undefined || existsSync(labels))) logs.push(await read(definition, log, labels));
  }
  return logs;
}

async function read({ name, isByBlock }: Definition, path: string, labelPath?: string): Promise<PublicLog> {
  const kinds = await RawLogs.use((logs) => logs.kindsOfFile(path));
  const log: PublicLog = {
    ...{ name, kinds, isByBlock },
    actors: new Int32Array(kinds.length),
    seconds: new Float64Array(kinds.length),
    isThreat: new Uint8Array(kinds.length),
  };
  const threats = labelPath === undefined ? new Set<string>() : await readThreats(labelPath);
  const numbers = new Map<string, number>();
  let place = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (place >= kinds.length) break;
    const [label = '', second = '', , node = ''] = line.split(' ', 4);
    const actor = isByBlock ? (/blk_-?\d+/.exec(line)?.[0] ?? '') : node;
    const number = numbers.get(actor) ?? numbers.size;
    numbers.set(actor, number);
    log.actors[place] = number;
    if (!isByBlock) log.seconds[place] = Number(second) || 0;
    log.isThreat[place] = Number(isByBlock ? threats.has(actor) : label !== '-');
    place++;
  }
  return log;
}

/** `blk_…,Anomaly` after a head. */
async function readThreats(path: string): Promise<Set<string>> {
  const rows = (await readFile(path, 'utf8')).trim().split(/\r?\n/).slice(1);
  return new Set(rows.flatMap((row) => (row.endsWith(',Anomaly') ? (row.split(',')[0] ?? '') : [])));
}

/** One session for each block, or each node, in the order of their first lines. */
export function byActor({ kinds, actors, isThreat }: PublicLog): BenchSession[] {
  const rows = new Map<number, number[]>();
  actors.forEach((actor, line) => {
    const own = rows.get(actor);
    if (own) own.push(line);
    else rows.set(actor, [line]);
  });
  return [...rows.values()].map((own) => sessionOf(kinds, isThreat, own));
}

/** Windows that do not overlap, of so many lines each. */
export function byLines({ kinds, isThreat }: PublicLog, count: number): BenchSession[] {
  return Array.from({ length: Math.ceil(kinds.length / count) }, (_, window) =>
    sessionOf(kinds, isThreat, range(window * count, Math.min(kinds.length, (window + 1) * count))),
  );
}

/** Windows of `seconds`, one every `step`. Lines are in order of time. */
export function byTime({ kinds, seconds, isThreat }: PublicLog, length: number, step: number): BenchSession[] {
  const windows: BenchSession[] = [];
  const last = seconds.at(-1) ?? 0;
  let first = 0;
  for (let start = seconds[0] ?? 0; start <= last; start += step) {
    while (first < seconds.length && (seconds[first] ?? 0) < start) first++;
    let end = first;
    while (end < seconds.length && (seconds[end] ?? 0) < start + length) end++;
    if (end > first) windows.push(sessionOf(kinds, isThreat, range(first, end)));
    // Days without a line are not gone through step by step.
    const next = seconds[end] ?? 0;
    if (end === first && next > start + step) start += step * Math.floor((next - start) / step - 1);
  }
  return windows;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function sessionOf(kinds: Int32Array, isThreat: Uint8Array, lines: readonly number[]): BenchSession {
  const keys = lines.map((line) => kinds[line] ?? -1).filter((kind) => kind >= 0);
  return { keys, lines: [], isThreat: lines.some((line) => isThreat[line] === 1), hasBegin: true, hasEnd: true };
}
