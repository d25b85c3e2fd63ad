/** @file Quantiles of the beta and the beta-binomial distribution: how far a rate that was measured on so many rows may be from the true one, and from that of others. */

/** The x below which Beta(a, b) is with this probability. `a` and `b` are above 0 and need not be whole. */
export function betaQuantile(probability: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  // To the precision of the quantile itself, which is often small.
  for (let i = 0; i < 200 && high - low > 1e-10 * high; i++) {
    const middle = (low + high) / 2;
    if (betaProbability(middle, a, b) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The smallest count of which, and below, is this probability: successes among `trials` whose chance is itself drawn from Beta(a, b). */
export function betaBinomialQuantile(probability: number, trials: number, a: number, b: number): number {
  let log = logGamma(b + trials) - logGamma(a + b + trials) - logGamma(b) + logGamma(a + b);
  let sum = Math.exp(log);
  let count = 0;
  while (sum < probability && count < trials) {
    log += Math.log(((trials - count) * (a + count)) / ((count + 1) * (b + trials - count - 1)));
    sum += Math.exp(log);
    count++;
  }
  return count;
}

/** The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22, evaluated by Lentz's method). */
export function betaProbability(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // Converges fast only below the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaProbability(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny);
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-14) break;
  }
  return front * fraction;
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** Stirling's series (DLMF 5.11.1), from above 10 down by the recurrence. */
export function logGamma(x: number): number {
  let shifted = x;
  let product = 1;
  while (shifted < 10) product *= shifted++;
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}
