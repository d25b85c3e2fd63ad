/** @file Training takes what the rest of the app leaves: a verdict's effect and a score come first on a machine with few cores. */
import { constants, setPriority } from 'node:os';

/** For this process, as long as it lives. Where the system does not allow it, training goes on as it was. */
export function stepBack(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not worth a word: only how the processor is shared is at stake.
  }
}
