/** @file Going to the places of the app, from the table that the rail is made of. */
import type { AppState } from '../state/app.svelte.ts';
import type { ViewName } from '../views/views.ts';
import type { Command } from './command.ts';

/** What a command needs of a place; its component stays out of this. */
export type PlaceKeys = { readonly name: ViewName; readonly title: string; readonly keys: readonly string[] };

export function placeCommands(app: AppState, places: readonly PlaceKeys[]): Command[] {
  return places.map(({ name, title, keys }) => ({
    id: `go.${name}`,
    title,
    keys,
    group: 'Go to',
    isAvailable: () => name !== 'open' || app.open.items.length > 0,
    run: () => app.go(name),
  }));
}
