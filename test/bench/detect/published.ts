/** @file P1 to P3: splits as they were published, on the public logs in full, so that figures can be laid beside those of papers. P1 and P3 draw at random and leak. */
import { Random } from '../../../src/shared/random.ts';
import { arms, ours } from './arms.ts';
import type { ArmRuns } from './evaluate.ts';
import { prepare } from './prepared.ts';
import { comparisonOf, quick, runSeed, tell, type RunOptions } from './protocols.ts';
import { byActor, byLines, byTime, type PublicLog } from './publicSets.ts';
import type { Comparison } from './report.ts';
import { splitByTime, type BenchSession } from './sessions.ts';

/** More are drawn from at random, at the share of threats that they have. */
const mostJudged = 20_000;
/** Of those that are learned from, the last. */
const mostLearned = 20_000;
const ofLogGpt = { normals: 5000, windowSeconds: 60, stepSeconds: 30 };
const ofLogLlm = { share: 0.8, windowLines: 100 };
const ofLandauer = { share: 0.01, fewest: 200 };

export type Published = 'p1' | 'p2' | 'p3';

const titles: Record<Published, string> = {
  p1: 'P1 (5,000 random normals, leaky)',
  p2: 'P2 (first 80 %, last 20 %)',
  p3: 'P3 (1 % of the normals, leaky)',
};

/** Lines are not kept, so what reads them says nothing. */
const compared = arms.filter((arm) => quick.includes(arm) && arm.name !== 'keywords' && arm.name !== 'unseen_trigrams');

/** The sessions that a seed learns from are drawn anew; those that are judged are the same for all. */
export async function published(protocol: Published, log: PublicLog, options: RunOptions): Promise<Comparison> {
  const { test, learnedBy, notes } = partsOf(protocol, log);
  const all: ArmRuns[] = [];
  let split = splitByTime({ learned: learnedBy(1), test, isWhole: true });
  for (let seed = 1; seed <= options.seeds; seed++) {
    tell(`${log.name}: ${protocol}, seed ${seed}`);
    split = splitByTime({ learned: learnedBy(seed), test, isWhole: true });
    await runSeed(all, await prepare(split, seed, options.training), seed, options.arms ?? compared);
  }
  const set = { name: log.name, notes: [...notes, 'Templates are found over the whole log, as published.'] };
  return comparisonOf(titles[protocol], set, split, { ...options, reference: ours }, all);
}

type Parts = { test: BenchSession[]; learnedBy: (seed: number) => BenchSession[]; notes: string[] };

function partsOf(protocol: Published, log: PublicLog): Parts {
  const sessions = sessionsOf(protocol, log).filter(({ keys }) => keys.length > 0);
  if (protocol === 'p2') {
    const cut = Math.floor(ofLogLlm.share * sessions.length);
    const learned = sessions.slice(0, cut).filter(({ isThreat }) => !isThreat);
    const test = drawn(sessions.slice(cut), mostJudged, 1);
    return {
      test,
      learnedBy: () => learned.slice(-mostLearned),
      notes: [`Judged: ${test.length} of ${sessions.length - cut}; learned from the last ${mostLearned} at most.`],
    };
  }
  // Those that are judged are set aside first: a session that a seed learns from is judged by none.
  const order = drawn([...sessions.keys()], sessions.length, 1);
  const normals = order.filter((place) => sessions[place]?.isThreat === false);
  const wanted =
    protocol === 'p1'
      ? Math.min(ofLogGpt.normals, normals.length >> 1)
      : Math.min(normals.length >> 1, Math.max(ofLandauer.fewest, Math.round(ofLandauer.share * normals.length)));
  const reserved = new Set(normals.slice(0, Math.min(normals.length >> 1, 5 * wanted)));
  const test = order.filter((place) => !reserved.has(place)).slice(0, mostJudged);
  const judged = test.flatMap((place) => sessions[place] ?? []);
  return {
    test: judged,
    learnedBy: (seed) =>
      drawn([...reserved], wanted, seed)
        .sort((a, b) => a - b)
        .flatMap((place) => sessions[place] ?? []),
    notes: [`Judged: ${judged.length} of ${sessions.length - wanted}, drawn at random.`],
  };
}

function sessionsOf(protocol: Published, log: PublicLog): BenchSession[] {
  if (log.isByBlock || protocol === 'p3') return byActor(log);
  if (protocol === 'p1') return byTime(log, ofLogGpt.windowSeconds, ofLogGpt.stepSeconds);
  return byLines(log, ofLogLlm.windowLines);
}

/** `count` of them in an order by chance. */
function drawn<T>(items: readonly T[], count: number, seed: number): T[] {
  const random = new Random(seed);
  const rest = [...items];
  for (let place = 0; place < Math.min(count, rest.length); place++) {
    const other = random.integer(place, rest.length - 1);
    const [a, b] = [rest[place], rest[other]];
    if (a === undefined || b === undefined) continue;
    [rest[place], rest[other]] = [b, a];
  }
  return rest.slice(0, count);
}
