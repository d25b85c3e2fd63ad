/** @file What a command is. Keys, palette and key sheet are all made from the one table of these. */
import type { ViewName } from '../views/views.ts';

export const commandGroups = [
  'Verdict, then the next alert',
  'Act',
  'Move',
  'Choose many',
  'Look',
  'Filter and order',
  'Lines of a log',
  'Case',
  'Hand-over',
  'Models',
  'Go to',
  'Everywhere',
] as const;
export type CommandGroup = (typeof commandGroups)[number];

export type Command = {
  id: string;
  title: string;
  group: CommandGroup;
  /** Specs as in `lib/keys.ts`. Those with Mod or Alt work while typing too. */
  keys: readonly string[];
  /** Only in these views; absent: in all. */
  views?: readonly ViewName[];
  /** Absent: always. */
  isAvailable?: () => boolean;
  /** Shown after the title in the palette. */
  hint?: () => string;
  /** Holding the key repeats it. Verdicts never repeat: one press, one verdict. */
  repeats?: boolean;
  /** Left out of the palette: moving about is for keys. */
  isKeyOnly?: boolean;
  run: () => unknown;
};
