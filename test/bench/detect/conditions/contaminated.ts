/** @file Attacks that nobody marked, left in what is learned from at random times. How much of what is found without them is still found. */
import { Random } from '../../../../src/shared/random.ts';
import { arms, ours, type Arm } from '../arms.ts';
import { keyModelRecipe } from '../../../../src/shared/recipes.ts';
import type { Condition } from '../conditions.ts';
import type { ArmRuns } from '../evaluate.ts';
import { prepare } from '../prepared.ts';
import { runSeed, tell } from '../protocols.ts';
import { splitByTime, type BenchSession, type Split } from '../sessions.ts';
import { figuresOf } from './shared.ts';

const compared = ['new_event', 'count_vector', '2gram', '3gram', 'kneser_ney_5', 'isolation_forest', 'key_model', ours];
const fewestThreats = 400;
/** So that five trainings a seed end within minutes: of what is learned from the last, and every other session that is judged. */
const mostLearned = 2400;
const mostEpochs = 10;
/** As shares of all attacks that there are, or of the sessions that are learned from. */
const levels = [
  { name: 'clean', of: 'sessions', share: 0 },
  { name: '1 % of the attacks', of: 'attacks', share: 0.01 },
  { name: '5 % of the attacks', of: 'attacks', share: 0.05 },
  { name: '5 % of the sessions', of: 'sessions', share: 0.05 },
] as const;
/** There the same model is also trained with every session counting alike. */
const plainAt: string = '5 % of the sessions';

export const contaminated: Condition = async (set, { seeds, training }) => {
  if (set.test.filter(({ isThreat }) => isThreat).length < fewestThreats) return null;
  const chosen = arms.filter(({ name }) => compared.includes(name));
  const plain = chosen
    .filter(({ name }) => name === 'key_model')
    .map((arm): Arm => ({ ...arm, name: 'key_model_plain' }));
  const smaller = {
    ...set,
    learned: set.learned.slice(-mostLearned),
    test: set.test.filter((_, i) => i % 2 === 0),
  };
  const rows: Record<string, string | number>[] = [];
  const clean = new Map<string, number>();
  for (const level of levels) {
    const all: ArmRuns[] = [];
    const threats: boolean[][] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      tell(`${set.name}: contaminated, ${level.name}, seed ${seed}`);
      const split = contaminate(splitByTime(smaller), level, seed);
      const usual = { maxEpochs: mostEpochs, ...training };
      await runSeed(all, await prepare(split, seed, usual), seed, chosen);
      if (level.name === plainAt) {
        const alike = { ...usual, recipe: { ...keyModelRecipe, ...training?.recipe, downWeight: null } };
        await runSeed(all, await prepare(split, seed, alike), seed, plain);
      }
      threats.push(split.test.map(({ isThreat }) => isThreat));
    }
    for (const own of all) {
      const { area, recall, realised } = figuresOf(own, threats);
      if (level.share === 0) clean.set(own.arm.name, recall);
      const kept = recall / (clean.get(own.arm.name) ?? clean.get('key_model') ?? NaN);
      rows.push({ left_in: level.name, way: own.arm.name, area, recall, realised, share_of_clean_recall: kept });
    }
  }
  return {
    notes: [
      `At 1 %; the last ${mostLearned} sessions learned from, ${mostEpochs} epochs. Attacks stand at random places of the parts that train and stop training; calibration has none. key_model_plain: trained with every session counting alike, at the last level only.`,
    ],
    rows,
  };
};

function contaminate(split: Split, level: (typeof levels)[number], seed: number): Split {
  const random = new Random(seed);
  const learned = split.training.length + split.validation.length;
  const threats = split.test.filter(({ isThreat }) => isThreat);
  const wanted = level.of === 'attacks' ? level.share * threats.length : (level.share * learned) / (1 - level.share);
  const left = new Set<BenchSession>();
  while (left.size < Math.round(wanted)) left.add(random.pick(threats));
  const [training, validation] = [[...split.training], [...split.validation]];
  for (const session of left) {
    const part = random.chance(training.length / (training.length + validation.length)) ? training : validation;
    part.splice(random.integer(0, part.length), 0, { ...session, isThreat: false });
  }
  return { ...split, training, validation, test: split.test.filter((session) => !left.has(session)) };
}
