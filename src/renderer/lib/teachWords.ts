/** @file Words of what is asked and of the figures of learning. */
import type { Asked, Estimate } from '../../shared/teaching.ts';
import { count } from './words.ts';

/** A blind question is not told apart from what is telling. */
export function askedText({ why, oneOf }: Asked): string {
  switch (why) {
    case 'telling':
    case 'again':
      return 'telling';
    case 'unlike':
      return 'unlike anything decided';
    case 'sample':
      return oneOf === null || oneOf < 1.5 ? 'not flagged' : `random sample, 1 of ${count(Math.round(oneOf))}`;
  }
}

/** With two digits, as a share: 0.73. */
export function shareText(estimate: Estimate): string {
  return estimate === null ? '–' : estimate.value.toFixed(2);
}

export function intervalText(estimate: Estimate): string {
  return estimate === null ? '' : `${estimate.low.toFixed(2)} to ${estimate.high.toFixed(2)}`;
}
