/** @file Training takes what the rest of the app leaves: a verdict's effect and a score come first on a machine with few cores. */
import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * For this process, as long as it lives. Linux keeps a priority per thread, and those that ran before (the pool's, one of which trains) keep
 * theirs; later ones take their maker's. Where the system does not allow it, training goes on as it was.
 */
export function stepBack(): void {
  for (const id of [process.pid, ...threads()]) {
    try {
      setPriority(id, constants.priority.PRIORITY_LOW);
    } catch {
      // Not worth a word: only how the processor is shared is at stake. One that has ended meanwhile holds none up.
    }
  }
}

function threads(): number[] {
  try {
    return process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [];
  } catch {
    return [];
  }
}
