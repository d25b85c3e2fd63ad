/** @file What the next version of a threshold is made of: a budget spread over what was learned, a log that is followed, a version put back. */
import type { Threshold } from '../../shared/thresholds.ts';
import { thresholdMeaning, type Spread } from '../detect/budget.ts';
import type { NewThreshold } from '../store/protocol/learning.ts';

const byHand = 'Put back by hand: verdicts do not move it until the budget is set again.';

/** Of a model, what a budget asks for. */
export function ofBudget(
  { modelId, calibrationEvents }: Pick<Threshold, 'modelId' | 'calibrationEvents'>,
  spread: Spread,
) {
  const { score, budget, eventsPerPeriod } = spread;
  const meaning = thresholdMeaning(spread, score, calibrationEvents);
  return { modelId, score, budgetScore: score, budget, eventsPerPeriod, calibrationEvents, meaning };
}

export function withoutVersion({ version: _version, isCurrent: _isCurrent, ...threshold }: Threshold): NewThreshold {
  return threshold;
}

/** Moved by so much, in -log10 p, from what calibration said: to follow a log that changed slowly. */
export function followed(
  current: Threshold,
  spread: Spread,
  { shift, before }: { shift: number; before: number },
): NewThreshold {
  const score = current.score + shift - before;
  const said = thresholdMeaning(spread, score - shift, current.calibrationEvents);
  const moved = `It follows the log, which changed slowly since it was learned: ${Math.abs(shift).toFixed(2)} ${shift < 0 ? 'lower' : 'higher'} in -log10 p than by calibration.`;
  const meaning = `${said} ${moved}`;
  return { ...withoutVersion(current), score, budgetScore: spread.score + shift, meaning, reason: 'drift' };
}

/** An earlier version, once more; or the same for another model, where it stays as it was put. */
export function putBack<T extends Pick<NewThreshold, 'meaning'>>(earlier: T) {
  const meaning = earlier.meaning.includes(byHand) ? earlier.meaning : `${earlier.meaning} ${byHand}`;
  return { ...earlier, reason: 'reverted' as const, meaning };
}
