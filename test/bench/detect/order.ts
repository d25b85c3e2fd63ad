/**
 * @file `bench order`: harmless sessions of which one event was moved, so that their counts are as ever and only their order is not. Count vectors
 * are blind here; what the key model adds to counting shows.
 */
import { Random } from '../../../src/shared/random.ts';
import type { Report } from '../main.ts';
import { arms } from './arms.ts';
import type { ArmRuns } from './evaluate.ts';
import { prepare } from './prepared.ts';
import { comparisonOf, runSeed, tell } from './protocols.ts';
import { comparisonTable, type Comparison } from './report.ts';
import { readSets } from './sets.ts';
import { splitByTime, type BenchSession, type LabelledSet } from './sessions.ts';

const compared = ['key_model', 'key_and_ngrams', '2gram', '3gram', '5gram', 'kneser_ney_5', 'count_vector', 'ours'];
const fewestSessions = 100;
const attempts = 20;
/** What the others are compared with: each in a table of its own. */
const references = ['key_model', 'key_and_ngrams'];

export async function benchOrder(directory: string | undefined, seeds: number): Promise<Report> {
  const comparisons: Comparison[] = [];
  const notes: string[] = [];
  for (const set of await readSets(directory, ['lab', 'hdfs-keys'])) {
    const moved = withMoved(set);
    const count = moved.test.filter(({ isThreat }) => isThreat).length;
    if (count < fewestSessions) {
      notes.push(`${set.name}: only ${count} sessions could be changed so that training had not seen them.`);
      continue;
    }
    const split = splitByTime(moved);
    const runs: ArmRuns[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      tell(`${set.name}: order, seed ${seed}`);
      const chosen = arms.filter(({ name }) => compared.includes(name));
      await runSeed(runs, await prepare(split, seed), seed, chosen);
    }
    for (const reference of references)
      comparisons.push(comparisonOf('order (one event moved)', moved, split, { seeds, reference }, runs));
  }
  return {
    json: { comparisons, notes, references },
    markdown: [
      ...comparisons.map((one, i) => comparisonTable(one, references[i % references.length])),
      ...notes,
      '',
    ].join('\n'),
  };
}

/** The harmless test sessions, and each of them with one event elsewhere, where that is a sequence that neither training nor harmless life has. */
export function withMoved(set: LabelledSet): LabelledSet {
  const harmless = set.test.filter(({ isThreat }) => !isThreat);
  const known = new Set([...set.learned, ...harmless].map(({ keys }) => keys.join(' ')));
  const random = new Random(1);
  const moved = harmless.flatMap((session): BenchSession[] => {
    const { length } = session.keys;
    if (length < 3) return [];
    for (let attempt = 0; attempt < attempts; attempt++) {
      const [from, to] = [random.integer(0, length - 1), random.integer(0, length - 1)];
      const keys = move(session.keys, from, to);
      if (known.has(keys.join(' '))) continue;
      return [{ ...session, keys, lines: move(session.lines, from, to), isThreat: true }];
    }
    return [];
  });
  return {
    ...set,
    test: [...harmless, ...moved],
    notes: ['Threats are harmless sessions with one event moved anywhere.'],
  };
}

function move<T>(items: readonly T[], from: number, to: number): T[] {
  const rest = [...items];
  rest.splice(to, 0, ...rest.splice(from, 1));
  return rest;
}
