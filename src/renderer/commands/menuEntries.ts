/** @file The page's commands as the window's own menu shows them, with the keys in force and whether they can be run now. */
import type { MenuEntry, MenuName } from '../../shared/window.ts';
import { strokesOf } from '../lib/keys.ts';
import type { Command, CommandGroup } from './command.ts';

const menuOfGroup: Partial<Record<CommandGroup, MenuName>> = {
  'Verdict, then the next alert': 'alert',
  Act: 'alert',
  Look: 'alert',
  'Go to': 'go',
};
/** Of the group that is everywhere, where each belongs; those that are not named stand in the view menu. */
const menuOfCommand: Record<string, MenuName> = {
  'app.open': 'file',
  'watch.folder': 'file',
  'app.demo': 'file',
  'app.palette': 'go',
  'app.keys': 'help',
  'app.tour': 'help',
};

function menuOf({ id, group, isKeyOnly }: Command): MenuName | null {
  const named = menuOfCommand[id];
  if (named) return named;
  if (isKeyOnly === true) return null;
  return group === 'Everywhere' ? 'view' : (menuOfGroup[group] ?? null);
}

export function menuEntries(commands: readonly Command[], isUsable: (command: Command) => boolean): MenuEntry[] {
  return commands.flatMap((command) => {
    const menu = menuOf(command);
    if (menu === null) return [];
    // A chord is no key of a menu.
    const key = command.keys.find((spec) => strokesOf(spec).length === 1) ?? null;
    return [{ id: command.id, title: command.title, menu, key, isEnabled: isUsable(command) }];
  });
}
