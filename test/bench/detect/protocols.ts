/** @file P4, P5 and P7: all ways side by side on a set, over seeds. */
import process from 'node:process';
import { arms, ours, scoresOf, type Arm, type ArmScores } from './arms.ts';
import { changedSets, changedShares } from './changed.ts';
import { evaluate, type ArmRuns } from './evaluate.ts';
import type { Training } from './keyModel.ts';
import { prepare, type Prepared } from './prepared.ts';
import type { Comparison } from './report.ts';
import { splitByTime, uniqueByCounts, type BenchSession, type LabelledSet, type Split } from './sessions.ts';

export type RunOptions = {
  seeds: number;
  training?: Partial<Training>;
  arms?: readonly Arm[];
  /** What the others are compared with; ours. */ reference?: string;
};

/** Long runs say on stderr where they are. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Threshold from calibration alone; what is learned lies before what is judged. */
export async function timeSplit(set: LabelledSet, options: RunOptions): Promise<Comparison> {
  return compare('P4 (by time)', set, splitByTime(set), options);
}

/** One session of each vector of counts: most sessions of a log are copies of few. */
export async function unique(set: LabelledSet, options: RunOptions): Promise<Comparison> {
  return compare('P7 (unique count vectors)', set, splitByTime({ ...set, test: uniqueByCounts(set.test) }), options);
}

/** One comparison for each share of changed templates, the unchanged one first. */
export async function changed(set: LabelledSet, options: RunOptions): Promise<Comparison[]> {
  const runs = new Map<number, { split: Split; all: ArmRuns[] }>();
  for (let seed = 1; seed <= options.seeds; seed++) {
    tell(`${set.name}: P5, seed ${seed}, reading`);
    const variants = await changedSets(set, seed);
    const [first] = variants;
    if (!first) break;
    // One model: what differs is only what is judged.
    const split = splitByTime(first.set);
    const offsets = [0];
    for (const { set: variant } of variants) offsets.push((offsets.at(-1) ?? 0) + variant.test.length);
    const prepared = await prepare(
      { ...split, test: variants.flatMap(({ set: { test } }) => test) },
      seed,
      options.training,
    );
    for (const arm of options.arms ?? quick) {
      const scores = await scoresOf(arm, prepared, seed);
      const threshold = arm.rule?.threshold(prepared, scores.calibration) ?? NaN;
      variants.forEach(({ share, set: variant }, i) => {
        const entry = runs.get(share) ?? { split: { ...split, test: variant.test }, all: [] };
        runs.set(share, entry);
        addRun(entry.all, arm, { ...scores, test: scores.test.slice(offsets[i], offsets[i + 1]) }, threshold);
      });
    }
  }
  return changedShares.flatMap((share) => {
    const entry = runs.get(share);
    if (!entry) return [];
    const notes = [...set.notes, 'A version of a line is taken for it as the app does, for all ways alike.'];
    const title = `P5 (${100 * share} % of templates changed)`;
    return [comparisonOf(title, { ...set, notes }, entry.split, options, entry.all)];
  });
}

export async function compare(
  protocol: string,
  set: LabelledSet,
  split: Split,
  options: RunOptions,
): Promise<Comparison> {
  const all: ArmRuns[] = [];
  for (let seed = 1; seed <= options.seeds; seed++) {
    tell(`${set.name}: ${protocol}, seed ${seed}`);
    await runSeed(all, await prepare(split, seed, options.training), seed, options.arms ?? quick);
  }
  return comparisonOf(protocol, set, split, options, all);
}

/** Those that take seconds. */
export const quick = arms.filter(({ isSlow }) => !isSlow);

export async function runSeed(all: ArmRuns[], prepared: Prepared, seed: number, chosen: readonly Arm[]): Promise<void> {
  for (const arm of chosen) {
    const scores = await scoresOf(arm, prepared, seed);
    addRun(all, arm, scores, arm.rule?.threshold(prepared, scores.calibration) ?? NaN);
  }
}

function addRun(all: ArmRuns[], arm: Arm, scores: ArmScores, ruleThreshold: number): void {
  const own = all.find((one) => one.arm === arm);
  if (own) {
    own.runs.push(scores);
    own.ruleThresholds.push(ruleThreshold);
  } else all.push({ arm, runs: [scores], ruleThresholds: [ruleThreshold] });
}

export function comparisonOf(
  protocol: string,
  { name, notes }: Pick<LabelledSet, 'name' | 'notes'>,
  { training, validation, calibration, test }: Split,
  { seeds, reference = ours }: RunOptions,
  all: ArmRuns[],
): Comparison {
  const threats = test.filter(({ isThreat }: BenchSession) => isThreat).length;
  return {
    protocol,
    data: name,
    seeds,
    sessions: {
      learned: training.length + validation.length,
      calibration: calibration.length,
      harmless: test.length - threats,
      threats,
    },
    notes,
    arms: evaluate(
      all,
      test.map(({ isThreat }) => isThreat),
      reference,
    ),
  };
}
