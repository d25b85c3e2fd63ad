/** @file The one command table. Keys, palette and key sheet come from it, so that none of them can lie about the others. */
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';
import { generalCommands } from './generalCommands.ts';
import { placeCommands } from './placeCommands.ts';
import type { PlaceKeys } from './placeCommands.ts';
import { queueCommands } from './queueCommands.ts';

/** `places`: what can be gone to. */
export function createCommands(app: AppState, places: readonly PlaceKeys[] = []): Command[] {
  return [...queueCommands(app), ...generalCommands(app), ...placeCommands(app, places)];
}

/** Whether the command belongs to where the analyst is and has something to act on. */
export function isUsable(command: Command, app: AppState): boolean {
  if (command.views && !command.views.includes(app.view)) return false;
  // While there is nothing yet, the queue is the first screen and its keys mean other things.
  if (command.views?.includes('queue') && app.view === 'queue' && app.workspace?.isEmpty === true) return false;
  return command.isAvailable?.() ?? true;
}
