/** @file Harmless sessions in the order of time, with the threshold as it was set and with one that follows the log slowly. */
import { AdaptiveAlpha } from '../../../../src/main/detect/adaptiveAlpha.ts';
import type { Condition } from '../conditions.ts';
import { fused } from '../detectors.ts';
import { prepare } from '../prepared.ts';
import { tell } from '../protocols.ts';
import { splitByTime } from '../sessions.ts';
import { meanOf } from '../statistics.ts';

export const adaptive: Condition = async (set, { seeds, training }) => {
  const split = splitByTime(set);
  const harmless = split.test.filter(({ isThreat }) => !isThreat);
  const rows: Record<string, number>[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    tell(`${set.name}: adaptive, seed ${seed}`);
    const prepared = await prepare({ ...split, test: harmless }, seed, training);
    const scores = Array.from(await (await fused(prepared))(prepared.test));
    for (const asked of [0.01, 0.001]) {
      const threshold = new AdaptiveAlpha(-Math.log10(asked));
      const adapted = scores.filter((score) => threshold.update(score)).length / scores.length;
      const fixed = scores.filter((score) => score >= -Math.log10(asked)).length / scores.length;
      rows.push({ asked, fixed, adapted });
    }
  }
  const asked = [...new Set(rows.map((row) => row['asked'] ?? 0))];
  return {
    notes: [`Ours, ${harmless.length} harmless sessions.`],
    rows: asked.map((rate) => {
      const own = rows.filter((row) => row['asked'] === rate);
      const mean = (name: string): number => meanOf(own.map((row) => row[name] ?? 0));
      return { asked: rate, realised_fixed: mean('fixed'), realised_adapted: mean('adapted') };
    }),
  };
};
