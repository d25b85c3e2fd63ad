/** @file Labelled sessions of event keys for `bench align`: HDFS from `--data DIR`, or the made-up office's log where none is given. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKeyTable, type KeyTable } from '../../src/main/learn/keyTable.ts';
import { keyTokens } from '../../src/shared/sequences.ts';
import { importLog, openApp } from '../helpers/app.ts';
import { writeOffice } from '../helpers/office.ts';

/** Begin, keys of events, end. */
export type Session = { keys: number[]; isThreat: boolean };

export type LabelledSessions = {
  /** All harmless; what the model learns from. */
  training: Session[];
  /** Harmless ones that nothing is learnt from: to set thresholds, and to find false alarms among. */
  heldBack: Session[];
  /** Of both kinds. Verdicts are given on some of the threats; the rest is the test. */
  judged: Session[];
};

export async function labelledSessions(dataDirectory: string | undefined): Promise<LabelledSessions> {
  return dataDirectory ? hdfsSessions(join(dataDirectory, 'hdfs-keys')) : officeSessions();
}

async function hdfsSessions(directory: string): Promise<LabelledSessions> {
  const lines = async (name: string): Promise<string[]> =>
    (await readFile(join(directory, name), 'utf8')).trim().split(/\r?\n/);
  const session = (text: string, isThreat: boolean): Session => ({
    keys: text.trim().split(' ').map(Number),
    isThreat,
  });
  const normal = (await lines('hdfs_train')).map((line) => session(line, false));
  const judged = (await lines('robust_log_valid.csv'))
    .slice(1)
    .map((line) => session(line.split(',')[0] ?? '', line.split(',')[1] === '1'));
  const cut = Math.floor(normal.length * 0.7);
  return { training: normal.slice(0, cut), heldBack: normal.slice(cut), judged };
}

const office = { lines: 40_000, seed: 11, anomalyRate: 0.02 };
/** Shares of the log, in time order: what is learnt from, and what thresholds are set on. */
const [learnt, calibrated] = [0.5, 0.75];

/** Sessions as the app itself finds them; one with a line of an attack in it is a threat. */
async function officeSessions(): Promise<LabelledSessions> {
  const folder = await mkdtemp(join(tmpdir(), 'surprisal-align-'));
  try {
    const log = writeOffice(join(folder, 'office.log'), office);
    const app = await openApp(join(folder, 'workspace'));
    try {
      const sourceId = await importLog(app, log.path);
      const signal = new AbortController().signal;
      const table = await readKeyTable(app.app.parts.services.store, sourceId, signal);
      return cutByTime(sessionsOf(table, log.isAnomaly));
    } finally {
      await app.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sessionsOf({ sessions, templateIndexes, lineNumbers }: KeyTable, isAnomaly: readonly boolean[]): Session[] {
  return Array.from({ length: sessions.offsets.length - 1 }, (_, session) => {
    const rows = [...sessions.rows.subarray(sessions.offsets[session], sessions.offsets[session + 1])];
    return {
      keys: rows.map((row) => templateIndexes[row] ?? 0),
      isThreat: rows.some((row) => isAnomaly[(lineNumbers[row] ?? 0) - 1] ?? false),
    };
  });
}

function cutByTime(sessions: readonly Session[]): LabelledSessions {
  const [learntEnd, calibratedEnd] = [learnt, calibrated].map((share) => Math.floor(share * sessions.length));
  const harmless = (from: number | undefined, to: number | undefined): Session[] =>
    sessions.slice(from, to).filter(({ isThreat }) => !isThreat);
  return {
    training: harmless(0, learntEnd),
    heldBack: harmless(learntEnd, calibratedEnd),
    judged: [...sessions.slice(0, calibratedEnd).filter(({ isThreat }) => isThreat), ...sessions.slice(calibratedEnd)],
  };
}

/** Sessions as sequences of tokens, no longer than the model can see; keys that training has not are `unseen`. */
export function tokeniser(
  training: readonly Session[],
  contextLength: number,
): { vocabularySize: number; tokens: (session: Session) => number[] } {
  const ids = new Map<number, number>();
  for (const { keys } of training) {
    for (const key of keys) if (!ids.has(key)) ids.set(key, keyTokens.firstEventId + ids.size);
  }
  return {
    vocabularySize: keyTokens.firstEventId + ids.size,
    tokens: ({ keys }) =>
      [keyTokens.begin, ...keys.map((key) => ids.get(key) ?? keyTokens.unseen), keyTokens.end].slice(
        0,
        contextLength + 1,
      ),
  };
}
