/** @file What the adapting process does when asked: each answer a matter of milliseconds, and a function of what it is asked with. */
import type { AdaptMethods } from '../../src/shared/adaptProtocol.ts';
import type { Handlers } from '../../src/shared/port.ts';
import { fitThreshold } from './threshold.ts';

export function createAdaptHandlers(): Handlers<AdaptMethods> {
  return {
    fit_threshold: (input) => fitThreshold(input),
  };
}
