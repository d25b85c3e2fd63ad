/** @file What a command of the queue would be done to, for the commands that act on alerts. */
import { plural } from '../lib/words.ts';
import type { QueueState } from '../state/queue.svelte.ts';
import type { Command } from './command.ts';

export const inQueue = ['queue'] as const;

/** Of a command that acts on what is chosen, or on the alert in view. */
export function onTargets(queue: QueueState): Required<Pick<Command, 'isAvailable' | 'hint'>> {
  return {
    isAvailable: () => queue.targets.count > 0,
    hint: () => {
      const only = queue.targets.count === 1 ? queue.selected : null;
      return only ? `A-${only.number}` : plural(queue.targets.count, 'alert');
    },
  };
}
