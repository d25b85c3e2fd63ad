/** @file The learning rate over a run: linear warm-up, then half a cosine down to a tenth. */

const finalShare = 0.1;
const warmUpShare = 0.05;
const longestWarmUp = 100;

/** Learning rate of step `step` (from 1) of `totalSteps`. Early stopping may end the run before the cosine does. */
export function learningRateAt(step: number, totalSteps: number, peak: number): number {
  const warmUp = Math.max(1, Math.min(longestWarmUp, Math.round(totalSteps * warmUpShare)));
  if (step <= warmUp) return (peak * step) / warmUp;
  const progress = Math.min(1, (step - warmUp) / Math.max(1, totalSteps - warmUp));
  return peak * (finalShare + (1 - finalShare) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
