/** @file Area under the ROC curve on labelled real logs, where they are given: `--data DIR` holds bgl/, loghub/ and hdfs-keys/. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/main/cli/main.ts';
import type { Figures } from './main.ts';

export async function benchQuality(dataDirectory: string | undefined): Promise<Figures> {
  if (!dataDirectory || !existsSync(dataDirectory)) throw new Error('quality needs --data DIR with the labelled logs.');
  const work = await mkdtemp(join(tmpdir(), 'surprisal-quality-'));
  try {
    const bgl = await areaOf(
      work,
      'bgl',
      join(dataDirectory, 'bgl/BGL_5000.log'),
      join(dataDirectory, 'loghub/BGL/BGL_2k.log'),
      [],
    );
    const bglLabels = (await readFile(join(dataDirectory, 'loghub/BGL/BGL_2k.log'), 'utf8'))
      .split('\n')
      .map((line) => (line.startsWith('- ') ? 0 : 1));
    const table = (await readFile(join(dataDirectory, 'hdfs-keys/robust_log_valid.csv'), 'utf8'))
      .trim()
      .split('\n')
      .slice(1);
    const sessions = join(work, 'hdfs_valid');
    await writeFile(sessions, `${table.map((line) => line.split(',')[0]).join('\n')}\n`);
    const hdfs = await areaOf(work, 'hdfs', join(dataDirectory, 'hdfs-keys/hdfs_train'), sessions, ['--sequences']);
    const hdfsLabels = table.map((line) => Number(line.split(',')[1]));
    return {
      bgl_line_auroc: areaUnderRoc(bgl.map(({ line, p }) => ({ score: -p, label: bglLabels[line - 1] ?? 0 }))),
      bgl_alerts: bgl.filter(({ alert }) => alert).length,
      hdfs_session_auroc: areaUnderRoc(hdfs.map(({ line, p }) => ({ score: -p, label: hdfsLabels[line - 1] ?? 0 }))),
      hdfs_alerts: hdfs.filter(({ alert }) => alert).length,
    };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type Row = { line: number; p: number; alert: boolean };

async function areaOf(work: string, name: string, learn: string, score: string, flags: string[]): Promise<Row[]> {
  const workspace = join(work, name);
  const output = join(work, `${name}.jsonl`);
  const write = process.stdout.write;
  process.stdout.write = () => true; // the commands' own JSON is not the bench's
  try {
    for (const args of [
      ['learn', '--workspace', workspace, '--input', learn, ...flags],
      ['score', '--workspace', workspace, '--input', score, '--output', output, ...flags],
    ]) {
      const status = await main(args);
      if (status !== 0) throw new Error(`${args[0]} ended with ${status}`);
    }
  } finally {
    process.stdout.write = write;
  }
  const rows = (await readFile(output, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row & { score: number | null });
  return rows.filter((row) => row.score !== null);
}

/** Mann-Whitney: the share of pairs ranked right, ties counting half. */
export function areaUnderRoc(rows: readonly { score: number; label: number }[]): number {
  const sorted = [...rows].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  let positives = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (end < sorted.length && sorted[end]?.score === sorted[start]?.score) end++;
    const rank = (start + 1 + end) / 2;
    for (let i = start; i < end; i++) {
      if (sorted[i]?.label !== 1) continue;
      rankSum += rank;
      positives++;
    }
    start = end;
  }
  const negatives = sorted.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
