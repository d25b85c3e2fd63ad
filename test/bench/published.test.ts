/** @file P1 to P3 on small logs laid out as the public ones are: nobody here has those in full, and the day somebody has, it must run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/shared/random.ts';
import { testFolder } from '../helpers/folders.ts';
import { arms } from './detect/arms.ts';
import { published } from './detect/published.ts';
import { byActor, byLines, byTime, missingFiles, readPublicLogs, type PublicLog } from './detect/publicSets.ts';

const blocks = 260;

/** Blocks that are received, written and verified; the last of every ten is labelled and loses its place. */
function writeHdfs(folder: string): void {
  const random = new Random(1);
  const lines: string[] = [];
  const labels = ['BlockId,Label'];
  for (let block = 0; block < blocks; block++) {
    const name = `blk_-${7_000_000_000 + block}`;
    const isThreat = block % 10 === 9;
    const at = `081109 2035${String(10 + (block % 50))} 148`;
    const text = ['Receiving block', 'Received block', ...(isThreat ? ['Lost place of block'] : []), 'Verified block'];
    for (let copy = random.integer(1, 2); copy >= 0; copy--)
      lines.push(`${at} INFO dfs.DataNode$DataXceiver: ${text[0]} ${name} src: /10.250.19.102:54106`);
    for (const one of text.slice(1))
      lines.push(`${at} INFO dfs.DataNode$PacketResponder: ${one} ${name} of 3 replicas`);
    labels.push(`${name},${isThreat ? 'Anomaly' : 'Normal'}`);
  }
  mkdirSync(join(folder, 'HDFS_v1/preprocessed'), { recursive: true });
  writeFileSync(join(folder, 'HDFS_v1/HDFS.log'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'HDFS_v1/preprocessed/anomaly_label.csv'), `${labels.join('\n')}\n`);
}

function writeBgl(folder: string): void {
  const lines = Array.from({ length: 3000 }, (_, i) => {
    const isThreat = i % 300 > 290;
    const second = 1_117_838_570 + 10 * i + (i > 1500 ? 86_400 : 0);
    const node = `R02-M1-N0-C:J12-U${String(10 + (i % 7))}`;
    const head = `${isThreat ? 'KERNDTLB' : '-'} ${second} 2005.06.03 ${node} 2005-06-03-15.42.50.363779 ${node} RAS KERNEL`;
    return `${head} ${isThreat ? 'FATAL data TLB error interrupt' : `INFO instruction cache parity error ${['corrected', 'seen', 'logged'][i % 3] ?? ''}`}`;
  });
  mkdirSync(join(folder, 'BGL'), { recursive: true });
  writeFileSync(join(folder, 'BGL/BGL.log'), `${lines.join('\n')}\n`);
}

describe('the published protocols', () => {
  // Bug: a folder that lacks a file is read by half, or what is missing is not said.
  it('name each file that is missing', () => {
    const folder = testFolder();
    writeBgl(folder);
    expect(missingFiles(folder).map((text) => text.split(' ')[0])).toEqual([
      'HDFS_v1/HDFS.log',
      'HDFS_v1/preprocessed/anomaly_label.csv',
      'Thunderbird/Thunderbird.log',
    ]);
    expect(missingFiles(undefined)).toHaveLength(4);
  });

  // Bugs: labels go to other sessions; a session that is learned from is judged; what leaks or is drawn is not said.
  it('run on every log that is there, find what is labelled, and judge nothing that was learned', async () => {
    const folder = testFolder();
    writeHdfs(folder);
    writeBgl(folder);
    const logs = await readPublicLogs(folder);
    expect(logs.map(({ name }) => name)).toEqual(['HDFS_v1', 'BGL']);
    const options = {
      seeds: 1,
      training: { maxEpochs: 2 },
      arms: arms.filter(({ name }) => ['new_event', 'count_vector', 'ours'].includes(name)),
    };
    for (const [index, protocol] of (['p1', 'p2', 'p3'] as const).entries()) {
      const log = logs[index === 1 ? 1 : 0];
      if (!log) throw new Error('No log.');
      const { sessions, arms: found, data } = await published(protocol, log, options);
      expect(data).toBe(index === 1 ? 'BGL' : 'HDFS_v1');
      expect(sessions.threats).toBeGreaterThan(1);
      expect(sessions.learned + sessions.calibration + sessions.harmless + sessions.threats).toBeLessThanOrEqual(
        index === 1 ? 30 : blocks,
      );
      expect(found.find(({ name }) => name === 'count_vector')?.area.mean).toBeGreaterThan(0.9);
    }
  });

  it('have the sessions that the papers say: of a block, of so many lines, of so many seconds', async () => {
    const folder = testFolder();
    writeHdfs(folder);
    const [hdfs] = await readPublicLogs(folder);
    const sessions = hdfs ? byActor(hdfs) : [];
    expect(sessions).toHaveLength(blocks);
    expect(sessions.map(({ isThreat }) => isThreat)).toEqual(sessions.map((_, block) => block % 10 === 9));
    const log: PublicLog = {
      ...{ name: 'x', isByBlock: false, actors: new Int32Array(5), kinds: Int32Array.of(4, 5, -1, 6, 7) },
      ...{ seconds: Float64Array.of(0, 31, 40, 59, 100_000), isThreat: Uint8Array.of(0, 0, 1, 0, 0) },
    };
    expect(byLines(log, 2).map(({ keys, isThreat }) => [keys, isThreat])).toEqual([
      [[4, 5], false],
      [[6], true],
      [[7], false],
    ]);
    const windows = byTime(log, 60, 30).map(({ keys }) => keys.join(' '));
    expect(windows.slice(0, 2)).toEqual(['4 5 6', '5 6']);
    expect(windows.length).toBeLessThanOrEqual(5);
    expect(windows.at(-1)).toBe('7');
  });
});
