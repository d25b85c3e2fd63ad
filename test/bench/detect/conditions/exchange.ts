/** @file Sessions exchanged at random between calibration and what is judged: there the realised rate must lie where the guarantee has it. */
import { Random } from '../../../../src/shared/random.ts';
import type { Condition } from '../conditions.ts';
import { fused } from '../detectors.ts';
import { prepare } from '../prepared.ts';
import { tell } from '../protocols.ts';
import { splitByTime } from '../sessions.ts';
import { rateInterval } from '../statistics.ts';

const draws = 20;
const calibrationShare = 0.6;
const rates = [0.01, 0.001];

export const exchange: Condition = async (set, { training }) => {
  tell(`${set.name}: exchange`);
  const prepared = await prepare(splitByTime(set), 1, training);
  const harmless = [...prepared.calibration, ...prepared.test].filter(({ session }) => !session.isThreat);
  const count = Math.floor(calibrationShare * harmless.length);
  const found = rates.map((asked) => ({ asked, within: 0, realised: [] as number[] }));
  for (let draw = 1; draw <= draws; draw++) {
    const order = shuffled(harmless, draw);
    const calibration = order.slice(0, count);
    const judged = order.slice(count);
    const scores = await (await fused({ ...prepared, calibration }))(judged);
    for (const own of found) {
      const alerts = Array.from(scores).filter((score) => score >= -Math.log10(own.asked)).length;
      const rank = Math.floor(own.asked * (count + 1));
      own.realised.push(alerts / judged.length);
      if (rank < 1) continue;
      const { low, high } = rateInterval(rank, count, judged.length);
      if (alerts / judged.length >= low && alerts / judged.length <= high) own.within++;
    }
  }
  const rows = found.map(({ asked, within, realised }) => {
    const rank = Math.floor(asked * (count + 1));
    const interval = rank < 1 ? null : rateInterval(rank, count, harmless.length - count);
    return {
      asked,
      calibration: count,
      judged: harmless.length - count,
      realised_mean: realised.reduce((sum, value) => sum + value, 0) / draws,
      low: interval?.low ?? 'too few to calibrate',
      high: interval?.high ?? '',
      within: interval ? `${within} of ${draws}` : '',
    };
  });
  return {
    notes: ['Ours. The interval is that of a threshold at the rank that was asked for, and so many sessions.'],
    rows,
  };
};

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = new Random(seed);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.integer(0, last);
    const [a, b] = [order[last], order[other]];
    if (a === undefined || b === undefined) continue;
    [order[last], order[other]] = [b, a];
  }
  return order;
}
