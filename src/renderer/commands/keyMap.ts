/** @file The key map: the commands' own keys with what the analyst changed, and which commands a key would have to be shared with. */
import { strokesOf } from '../lib/keys.ts';
import type { Command } from './command.ts';

/** Keys by command id, in place of the command's own. An empty list: no key. */
export type ChangedKeys = Readonly<Record<string, readonly string[]>>;

export function bound(commands: readonly Command[], changed: ChangedKeys): Command[] {
  return commands.map((command) => {
    const keys = changed[command.id];
    return keys === undefined ? command : { ...command, keys };
  });
}

/** Commands besides `command` that `spec` already means something to, where both can be reached. A chord clashes with its first key, too. */
export function conflictsOf(commands: readonly Command[], command: Command, spec: string): Command[] {
  return commands.filter(
    (other) => other.id !== command.id && meet(command, other) && other.keys.some((key) => overlap(key, spec)),
  );
}

function meet(one: Command, other: Command): boolean {
  if (!one.views || !other.views) return true;
  return one.views.some((view) => other.views?.includes(view));
}

function overlap(one: string, other: string): boolean {
  const [short, long] = [strokesOf(one), strokesOf(other)].sort((a, b) => a.length - b.length) as [string[], string[]];
  return short.every((stroke, index) => stroke === long[index]);
}

const mostKeys = 4;
const longestSpec = 48;

/** What was kept, as far as it makes sense: storage can be edited, and commands come and go. */
export function readChangedKeys(kept: unknown): ChangedKeys {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return {};
  const isSpec = (key: unknown): key is string => typeof key === 'string' && key !== '' && key.length <= longestSpec;
  const found = Object.entries(kept).filter(
    (entry): entry is [string, string[]] =>
      Array.isArray(entry[1]) && entry[1].length <= mostKeys && entry[1].every(isSpec),
  );
  return Object.fromEntries(found);
}
