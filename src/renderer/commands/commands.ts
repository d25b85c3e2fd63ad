/** @file The one command table. Keys, palette and key sheet come from it, so that none of them can lie about the others. */
import type { AppState } from '../state/app.svelte.ts';
import { alertCommands } from './alertCommands.ts';
import { caseCommands } from './caseCommands.ts';
import type { Command } from './command.ts';
import { entityCommands } from './entityCommands.ts';
import { filterCommands } from './filterCommands.ts';
import { handoverCommands } from './handoverCommands.ts';
import { logCommands } from './logCommands.ts';
import { lookCommands } from './lookCommands.ts';
import { modelCommands } from './modelCommands.ts';
import { moveCommands } from './moveCommands.ts';
import { openCommands } from './openCommands.ts';
import { placeCommands } from './placeCommands.ts';
import type { PlaceKeys } from './placeCommands.ts';
import { verdictCommands } from './verdictCommands.ts';
import { windowCommands } from './windowCommands.ts';

/** `places`: what can be gone to. */
export function createCommands(app: AppState, places: readonly PlaceKeys[] = []): Command[] {
  return [
    ...verdictCommands(app),
    ...alertCommands(app),
    ...moveCommands(app),
    ...lookCommands(app),
    ...filterCommands(app),
    ...entityCommands(app),
    ...logCommands(app),
    ...openCommands(app),
    ...caseCommands(app),
    ...handoverCommands(app),
    ...modelCommands(app),
    ...windowCommands(app),
    ...placeCommands(app, places),
  ];
}

/** Whether the command belongs to where the analyst is and has something to act on. */
export function isUsable(command: Command, app: AppState): boolean {
  if (command.views && !command.views.includes(app.view)) return false;
  // While there is nothing yet, the queue is the first screen and its keys mean other things.
  if (command.views?.includes('queue') && app.view === 'queue' && app.workspace?.isEmpty === true) return false;
  return command.isAvailable?.() ?? true;
}
