/** @file A tenth of the sessions is cut off by the log's end, in calibration and in what is judged. They lack their end, and must not alarm for it. */
import { Random } from '../../../../src/shared/random.ts';
import type { Condition } from '../conditions.ts';
import type { ArmRuns } from '../evaluate.ts';
import { alertsOf } from '../evaluate.ts';
import { prepare } from '../prepared.ts';
import { quick, runSeed, tell } from '../protocols.ts';
import { cutOff, splitByTime, type BenchSession } from '../sessions.ts';
import { meanOf } from '../statistics.ts';
import { asked, figuresOf } from './shared.ts';

const share = 0.1;

export const cutOffByEnd: Condition = async (set, { seeds, training }) => {
  if (!set.isWhole || !set.learned.every(({ hasEnd }) => hasEnd)) return null; // has open sessions of its own
  const all: ArmRuns[] = [];
  const threats: boolean[][] = [];
  const open: boolean[][] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    tell(`${set.name}: cut off, seed ${seed}`);
    const split = splitByTime(set);
    const calibration = cutSome(split.calibration, 2 * seed);
    const test = cutSome(split.test, 2 * seed + 1);
    await runSeed(all, await prepare({ ...split, calibration, test }, seed, training), seed, quick);
    threats.push(test.map(({ isThreat }) => isThreat));
    open.push(test.map(({ hasEnd }) => !hasEnd));
  }
  const rows = all.map((own) => {
    const { recall, realised } = figuresOf(own, threats);
    const alerts = alertsOf(own, asked) ?? [];
    const ofOpen = alerts.map((run, i) => {
      const rows = run.filter((_, row) => open[i]?.[row]);
      return rows.filter(Boolean).length / rows.length;
    });
    return { way: own.arm.name, recall, realised, times_asked: realised / asked, realised_of_cut_off: meanOf(ofOpen) };
  });
  return { notes: ['A tenth of the harmless sessions cut anywhere. Asked: 1 %.'], rows };
};

function cutSome(sessions: readonly BenchSession[], seed: number): BenchSession[] {
  const random = new Random(seed);
  return sessions.map((session) =>
    !session.isThreat && session.keys.length > 1 && random.chance(share)
      ? cutOff(session, random.integer(1, session.keys.length - 1))
      : session,
  );
}
