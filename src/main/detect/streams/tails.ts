/**
 * @file How often training saw at least so much: counts in steps of an amount, and -log2 of the share beyond, which goes on growing where training
 * saw nothing. Small enough to be kept for every kind of line.
 */

/** Counts by step, trailing zeros cut: JSON. */
export type Tail = number[];

/** Steps of half a power of two: an amount of 1 is step 2, of 3 step 4. */
export function stepOf(amount: number): number {
  return Math.max(0, Math.floor(2 * Math.log2(1 + Math.max(0, amount))));
}

const mostSteps = 128;

export function addTo(tail: Tail, amount: number, times = 1): void {
  const step = Math.min(mostSteps - 1, stepOf(amount));
  while (tail.length <= step) tail.push(0);
  tail[step] = (tail[step] ?? 0) + times;
}

/** Amounts that are no larger, by steps. */
export function countUpTo(tail: Tail, amount: number): number {
  let count = 0;
  for (let step = 0; step <= Math.min(stepOf(amount), tail.length - 1); step++) count += tail[step] ?? 0;
  return count;
}

/** Amounts in steps from that of `amount` on; behind the largest that was seen comes half of one, halved with each step. */
function countFrom(tail: Tail, amount: number): number {
  const step = stepOf(amount);
  if (step >= tail.length) return 0.5 ** (1 + step - tail.length);
  let count = 0.5;
  for (let index = step; index < tail.length; index++) count += tail[index] ?? 0;
  return count;
}

/** -log2 of the share of `total` events that have at least this amount. */
export function bitsOf(tail: Tail, total: number, amount: number): number {
  return -Math.log2(Math.min(1, countFrom(tail, amount) / (total + 1)));
}
