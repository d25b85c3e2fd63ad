/** @file The learning rate over a run: linear warm-up, then half a cosine down to a tenth. */
import type { TrainRecipe } from '../../src/shared/trainerProtocol.ts';

const finalShare = 0.1;

/** Learning rate of step `step` (from 1) of `totalSteps`. Early stopping may end the run before the cosine does. */
export function learningRateAt(step: number, totalSteps: number, peak: number, warmUp: TrainRecipe['warmUp']): number {
  const warmUpSteps = Math.max(1, Math.min(warmUp.mostSteps, Math.round(totalSteps * warmUp.share)));
  if (step <= warmUpSteps) return (peak * step) / warmUpSteps;
  const progress = Math.min(1, (step - warmUpSteps) / Math.max(1, totalSteps - warmUpSteps));
  return peak * (finalShare + (1 - finalShare) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
