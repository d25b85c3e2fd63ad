/** @file The commands of the page of an entity. */
import type { AppState } from '../state/app.svelte.ts';
import type { Command } from './command.ts';

export function entityCommands(app: AppState): Command[] {
  return [
    {
      id: 'entity.leave',
      title: 'Back to all entities',
      group: 'Go to',
      keys: ['Escape'],
      views: ['entities'],
      isKeyOnly: true,
      isAvailable: () => app.entities.wanted !== null,
      run: () => app.entities.leave(),
    },
  ];
}
