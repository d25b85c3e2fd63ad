/** @file Logs whose lines or sessions are labelled, by set: a quiet one to learn from, one whose alerts are decided, and a later one. Real ones need their folder. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../../src/shared/random.ts';
import { writeOffice } from '../helpers/office.ts';
import { readSets } from './detect/sets.ts';

/** `unitOf`: of each line the number of what is to be found, of 0 to n - 1; left out, each line is. */
export type LabelledLog = { path: string; isAnomaly: boolean[]; unitOf?: number[] };
/** `quiet`: path. */
export type JudgedLogs = { quiet: string; judged: LabelledLog; later: LabelledLog };
/** Into a folder. */
type WriteSet = (folder: string) => Promise<JudgedLogs>;

/** Of a part, but for those that are learned from. */
const hdfsSessions = { learned: 1200, normal: 500, threats: 100 };

export function classifierSets(data: string | undefined, officeLines: number): Record<string, WriteSet> {
  const office: WriteSet = (folder) => {
    const log = (name: string, seed: number, anomalyRate: number) =>
      writeOffice(join(folder, `${name}.log`), { lines: officeLines, seed, anomalyRate });
    const quiet = log('quiet', 1, 0).path;
    return Promise.resolve({ quiet, judged: log('judged', 2, 0.05), later: log('later', 3, 0.03) });
  };
  if (data === undefined) return { office };
  return { office, bgl: (folder) => bgl(data, folder), hdfs: (folder) => hdfs(data, folder) };
}

type Line = { text: string; isAnomaly: boolean; unit?: number };

/** Of the supercomputer BlueGene/L; the label is the first column, which nobody but the analyst sees. */
async function bgl(data: string, folder: string): Promise<JudgedLogs> {
  const read = async (path: string): Promise<Line[]> =>
    (await linesOf(join(data, path))).map((line) => ({
      text: line.slice(line.indexOf(' ') + 1),
      isAnomaly: !line.startsWith('- '),
    }));
  const labelled = await read('loghub/BGL/BGL_2k.log');
  const half = Math.floor(labelled.length / 2);
  return {
    quiet: (await write(folder, 'quiet', await read('bgl/BGL_5000.log'))).path,
    judged: await write(folder, 'judged', labelled.slice(0, half)),
    later: await write(folder, 'later', labelled.slice(half)),
  };
}

/** Real sessions of a file system's blocks, whose lines are made of their templates; a session is labelled as a whole. */
async function hdfs(data: string, folder: string): Promise<JudgedLogs> {
  const [set] = await readSets(data, ['hdfs-keys']);
  if (!set) throw new Error(`hdfs-keys is not in ${data}.`);
  const [normal, threats] = [false, true].map((is) => set.test.filter(({ isThreat }) => isThreat === is));
  const random = new Random(1);
  const mixed = (part: number): Promise<LabelledLog> => {
    const own = [normal, threats].flatMap((all = [], index) => {
      const count = index === 0 ? hdfsSessions.normal : hdfsSessions.threats;
      return all.slice(part * count, (part + 1) * count);
    });
    const placed = own.map((session) => ({ session, at: random.share() })).sort((x, y) => x.at - y.at);
    return write(
      folder,
      `part-${part}`,
      placed.flatMap(({ session }, unit) => session.lines.map((text) => ({ text, isAnomaly: session.isThreat, unit }))),
    );
  };
  const quiet = set.learned.slice(0, hdfsSessions.learned).flatMap(({ lines }) => lines);
  const { path } = await write(
    folder,
    'quiet',
    quiet.map((text) => ({ text, isAnomaly: false })),
  );
  return { quiet: path, judged: await mixed(0), later: await mixed(1) };
}

async function linesOf(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split(/\r?\n/).filter(Boolean);
}

async function write(folder: string, name: string, lines: readonly Line[]): Promise<LabelledLog> {
  const path = join(folder, `${name}.log`);
  await writeFile(path, `${lines.map(({ text }) => text).join('\n')}\n`);
  const isAnomaly = lines.map((line) => line.isAnomaly);
  const unitOf = lines.flatMap(({ unit }) => unit ?? []);
  return { path, isAnomaly, ...(unitOf.length === lines.length ? { unitOf } : {}) };
}
