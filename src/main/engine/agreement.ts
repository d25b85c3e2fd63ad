/** @file Whether two providers say the same: both graphs of a model on a warm-up batch. */
import type { KeyModelShape } from '../../shared/trainerProtocol.ts';
import type { Graphs } from './graphs.ts';

/** Enough tokens that a wrong kernel shows, few enough that a slow one answers within seconds. */
const comparedTokens = 256;
const comparedRanks = 20;

/** Ids over the whole vocabulary in an order without a pattern, the same every time: [B,T]. */
export function warmUpIds({ vocabularySize }: KeyModelShape, length: number): BigInt64Array {
  return BigInt64Array.from({ length }, (_, i) => BigInt((i * 7919 + (i >> 3) * 104_729) % vocabularySize));
}

/** Largest difference of any log-probability, in nat. */
export async function differenceNat(one: Graphs, other: Graphs, shape: KeyModelShape): Promise<number> {
  const { contextLength: T, vocabularySize } = shape;
  const B = Math.max(1, Math.floor(comparedTokens / T));
  const ids = warmUpIds(shape, B * T + 1);
  const [inputs, targets] = [ids.slice(0, -1), ids.slice(1)];
  const first = inputs.slice(0, T);
  const rows = BigInt64Array.from({ length: Math.min(T, 8) }, (_, i) => BigInt(T - 1 - i));
  const top = Math.min(comparedRanks, vocabularySize);
  const answers = async (graphs: Graphs): Promise<Float32Array[]> => [
    await graphs.logProbabilities(inputs, targets, B, T),
    // By rank: two ids that are as good as equally probable may change places.
    (await graphs.mostProbable(first, rows, top)).logProbability,
  ];
  const [expected, found] = [await answers(one), await answers(other)];
  let largest = 0;
  expected.forEach((values, graph) =>
    values.forEach((value, i) => {
      const difference = Math.abs(value - (found[graph]?.[i] ?? NaN));
      largest = difference <= largest ? largest : difference; // NaN is a difference, too
    }),
  );
  return largest;
}
