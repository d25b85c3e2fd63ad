/** @file An ordinary incident inside the calibration part: the same fault again and again for a while. It must not push the threshold above every attack. */
import type { Condition } from '../conditions.ts';
import type { ArmRuns } from '../evaluate.ts';
import { prepare } from '../prepared.ts';
import { quick, runSeed, tell } from '../protocols.ts';
import { splitByTime, type BenchSession, type Split } from '../sessions.ts';
import { figuresOf } from './shared.ts';

/** Of the calibration sessions. */
const share = 0.04;
const fewestThreats = 200;

export const incident: Condition = async (set, { seeds, training }) => {
  if (set.test.filter(({ isThreat }) => isThreat).length < fewestThreats) return null;
  const kinds: { name: string; runs: ArmRuns[]; threats: boolean[][] }[] = [];
  const plain = splitByTime(set);
  const { calibration, test } = withIncident(plain);
  for (const [name, split] of [
    ['without', { ...plain, test }],
    ['with', { ...plain, test, calibration }],
  ] as const) {
    const runs: ArmRuns[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      tell(`${set.name}: ${name} an incident, seed ${seed}`);
      await runSeed(runs, await prepare(split, seed, training), seed, quick);
    }
    const isThreat = split.test.map((session) => session.isThreat);
    kinds.push({ name, runs, threats: Array.from({ length: seeds }, () => isThreat) });
  }
  const [without, withIt] = kinds;
  const rows = (without?.runs ?? []).map((own, i) => {
    const before = figuresOf(own, without?.threats ?? []);
    const after = figuresOf(withIt?.runs[i] ?? own, withIt?.threats ?? []);
    return {
      way: own.arm.name,
      recall_without: before.recall,
      recall_with: after.recall,
      realised_without: before.realised,
      realised_with: after.realised,
    };
  });
  return {
    notes: [
      'The commonest threats that are longer than the median, in a row in the middle of the calibration part, 4 % of it; threats with their counts are not judged. At 1 %.',
    ],
    rows,
  };
};

/** Long threats are the strangest: what surprises most is what does harm to a threshold. */
function withIncident(split: Split): Pick<Split, 'calibration' | 'test'> {
  const threats = split.test.filter(({ isThreat }) => isThreat);
  const lengths = threats.map(({ keys }) => keys.length).sort((a, b) => a - b);
  const median = lengths[lengths.length >> 1] ?? 0;
  const counts = new Map<string, BenchSession[]>();
  for (const threat of threats) {
    if (threat.keys.length <= median) continue;
    const key = countsOf(threat);
    counts.set(key, [...(counts.get(key) ?? []), threat]);
  }
  const [[key, own] = ['', []]] = [...counts].sort(([, a], [, b]) => b.length - a.length);
  const middle = split.calibration.length >> 1;
  const wanted = Math.round(share * split.calibration.length);
  const run = Array.from({ length: wanted }, (_, i) => own[i % own.length]).flatMap((session) =>
    session ? [{ ...session, isThreat: false }] : [],
  );
  return {
    calibration: [...split.calibration.slice(0, middle), ...run, ...split.calibration.slice(middle)],
    test: split.test.filter((session) => !session.isThreat || countsOf(session) !== key),
  };
}

function countsOf({ keys }: BenchSession): string {
  return [...keys].sort((a, b) => a - b).join(' ');
}
