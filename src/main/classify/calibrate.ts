/** @file From a logit to a probability: Platt's scaling (Platt 1999) by Newton's method as Lin, Lin and Weng (2007) have it. */
import type { Calibration, LabelledWindows } from '../../shared/classify.ts';
import { weightOf } from './windows.ts';

/** Of each class. With fewer, two numbers cannot be fitted. */
const leastOfClass = 5;
const mostIterations = 100;
/** Larger ones would turn a probability into a decision. */
const largestSlope = 20;

export function probabilityOf(logit: number, { slope, offset }: Pick<Calibration, 'slope' | 'offset'>): number {
  return 1 / (1 + Math.exp(-(slope * logit + offset)));
}

/**
 * `classWeight` is what an anomalous window weighed in training. Where one class is missing from what was held back, only what that did to the
 * odds is taken back.
 */
export function calibrate(
  logits: ArrayLike<number>,
  heldBack: Pick<LabelledWindows, 'labels' | 'about'>,
  classWeight: number,
): Calibration {
  const { labels } = heldBack;
  const anomalous = labels.reduce((sum, label) => sum + label, 0);
  const [windows, normal] = [labels.length, labels.length - anomalous];
  if (anomalous < leastOfClass || normal < leastOfClass)
    return { kind: 'weights', slope: 1, offset: -Math.log(classWeight), windows, anomalous };
  // Not 0 and 1: with those, classes that lie apart would give no finite answer.
  const [high, low] = [(anomalous + 1) / (anomalous + 2), 1 / (normal + 2)];
  const targets = Float64Array.from(labels, (label) => (label === 1 ? high : low));
  const loss = (a: number, b: number): number =>
    targets.reduce((sum, target, i) => {
      const z = a * (logits[i] ?? 0) + b;
      return sum + weightOf(heldBack, i) * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - target * z);
    }, 0);
  let [slope, offset] = [0, Math.log((anomalous + 1) / (normal + 1))];
  let value = loss(slope, offset);
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    let [gradientA, gradientB, aa, ab, bb] = [0, 0, 1e-12, 0, 1e-12];
    targets.forEach((target, i) => {
      const logit = logits[i] ?? 0;
      const p = probabilityOf(logit, { slope, offset });
      const weight = weightOf(heldBack, i);
      const [d, h] = [weight * (p - target), weight * p * (1 - p)];
      gradientA += d * logit;
      gradientB += d;
      aa += h * logit * logit;
      ab += h * logit;
      bb += h;
    });
    if (Math.abs(gradientA) < 1e-6 && Math.abs(gradientB) < 1e-6) break;
    const determinant = aa * bb - ab * ab;
    const stepA = -(bb * gradientA - ab * gradientB) / determinant;
    const stepB = -(aa * gradientB - ab * gradientA) / determinant;
    let length = 1;
    let next = loss(slope + stepA, offset + stepB);
    while (!(next < value) && length > 1e-10) {
      length /= 2;
      next = loss(slope + length * stepA, offset + length * stepB);
    }
    if (!(next < value)) break;
    [slope, offset, value] = [slope + length * stepA, offset + length * stepB, next];
  }
  return { kind: 'platt', slope: Math.min(slope, largestSlope), offset, windows, anomalous };
}
