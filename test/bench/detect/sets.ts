/** @file The labelled data there are: the made-up office always, and what a folder given by `--data` holds. What is missing is named. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateOffice } from '../../../src/main/lab/office.ts';
import { renderHdfs } from './hdfsLines.ts';
import { RawLogs } from './rawLogs.ts';
import type { BenchSession, LabelledSet } from './sessions.ts';

const office = { lines: 40_000, seed: 11, anomalyRate: 0.02, cleanUntil: 0.8, startAt: Date.UTC(2026, 8, 7) };
const learnedShare = 0.8;

/** `only` names the sets that are wanted; all of them where it is empty. */
export async function readSets(directory: string | undefined, only: readonly string[]): Promise<LabelledSet[]> {
  const readers: [name: string, read: () => Promise<LabelledSet>, files: string[]][] = [['lab', readLab, []]];
  if (directory !== undefined) {
    const at = (path: string): string => join(directory, path);
    const hdfs = [at('hdfs-keys/hdfs_train'), at('hdfs-keys/robust_log_valid.csv'), at('hdfs-keys/HDFS_templates.csv')];
    const bgl = [at('bgl/BGL_5000.log'), at('loghub/BGL/BGL_2k.log')];
    const thunderbird = [at('thunderbird/thunderbird_normal_9574.log')];
    readers.push(['hdfs-keys', () => readHdfs(hdfs), hdfs]);
    readers.push(['bgl', () => readBgl(bgl), bgl], ['thunderbird', () => readThunderbird(thunderbird), thunderbird]);
  }
  const wanted = readers.filter(
    ([name, , files]) => (only.length === 0 || only.includes(name)) && files.every(existsSync),
  );
  const sets: LabelledSet[] = [];
  for (const [, read] of wanted) sets.push(await read());
  return sets;
}

async function readLab(): Promise<LabelledSet> {
  const rows = [...generateOffice(office)];
  const cut = Math.floor(rows.length * learnedShare);
  const [learned, test] = [rows.slice(0, cut), rows.slice(cut)];
  return RawLogs.use(async (logs) => {
    const first = await logs.sessionsOf(
      learned.map(({ text }) => text),
      () => false,
    );
    await logs.freeze();
    const later = await logs.sessionsOf(
      test.map(({ text }) => text),
      (line) => test[line]?.label === 'anomaly',
    );
    const notes = ['Made up. Its attacks are wrong in user, address, hour or stamp, which no key shows, or in order.'];
    const templates = await logs.templates();
    return { name: 'lab', learned: first, test: later, isWhole: false, headWords: 5, notes, templates };
  });
}

async function readHdfs([train = '', valid = '', templates = '']: string[]): Promise<LabelledSet> {
  const words = (await readFile(templates, 'utf8')).trim().split(/\r?\n/);
  let block = 0;
  const session = (text: string, isThreat: boolean): BenchSession => {
    const keys = text.trim().split(/\s+/).map(Number);
    return { keys, lines: renderHdfs(keys, words, block++), isThreat, hasBegin: true, hasEnd: true };
  };
  const rows = (await readFile(valid, 'utf8')).trim().split(/\r?\n/).slice(1);
  return {
    name: 'hdfs-keys',
    learned: (await readFile(train, 'utf8'))
      .trim()
      .split(/\r?\n/)
      .map((line) => session(line, false)),
    test: rows.map((row) => session(row.split(',')[0] ?? '', row.split(',')[1] === '1')),
    isWhole: true,
    headWords: 5,
    notes: [
      'Half of the sessions judged are threats: average precision and F1 are for this share, not for a real log.',
    ],
  };
}

async function readBgl([normal = '', labelled = '']: string[]): Promise<LabelledSet> {
  const [learned, test] = [await linesOf(normal), await linesOf(labelled)];
  return RawLogs.use(async (logs) => {
    const first = await logs.sessionsOf(learned, () => false);
    await logs.freeze();
    return {
      name: 'bgl',
      learned: first,
      test: await logs.sessionsOf(test, (line) => !(test[line] ?? '').startsWith('- ')),
      templates: await logs.templates(),
      isWhole: false,
      headWords: 9,
      notes: [
        'Sessions of one node; what is judged is a sample of the whole log, of other months than what is learned.',
      ],
    };
  });
}

async function readThunderbird([path = '']: string[]): Promise<LabelledSet> {
  const lines = await linesOf(path);
  const cut = Math.floor(lines.length * learnedShare);
  return RawLogs.use(async (logs) => {
    const learned = await logs.sessionsOf(lines.slice(0, cut), () => false);
    await logs.freeze();
    return {
      name: 'thunderbird',
      learned,
      test: await logs.sessionsOf(lines.slice(cut), () => false),
      templates: await logs.templates(),
      isWhole: false,
      headWords: 9,
      notes: ['It has no threat at all: only the realised rate means anything.'],
    };
  });
}

async function linesOf(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).trimEnd().split(/\r?\n/);
}
