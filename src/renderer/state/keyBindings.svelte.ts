/** @file Which keys do what on this machine: the commands' own, and what was changed of them. Kept by the browser, like the other settings. */
import type { Command } from '../commands/command.ts';
import { bound, conflictsOf, readChangedKeys } from '../commands/keyMap.ts';
import type { ChangedKeys } from '../commands/keyMap.ts';
import { capsOf, strokesOf, typesNothing } from '../lib/keys.ts';
import { isMac } from '../lib/platform.ts';
import { keep, kept } from '../lib/storage.ts';

const storageKey = 'surprisal.keys';

export class KeyBindings {
  /** The command table as it is written. The shell sets it once. */
  defaults = $state.raw<readonly Command[]>([]);
  changed = $state.raw<ChangedKeys>(readChangedKeys(kept(storageKey)));
  /** The table with the keys that are in force: what the keyboard, the sheet, the palette and the buttons go by. */
  readonly commands = $derived(bound(this.defaults, this.changed));
  readonly #byId = $derived(new Map(this.commands.map((command) => [command.id, command])));

  keysOf(id: string): readonly string[] {
    return this.#byId.get(id)?.keys ?? [];
  }

  /** What a button shows; undefined where the command has no key. */
  first(id: string): string | undefined {
    return this.keysOf(id)[0];
  }

  /** In a sentence: "Shift+B"; where the command has no key, what it is called among the commands. */
  named(id: string): string {
    const spec = this.first(id);
    if (spec === undefined) return `“${this.#byId.get(id)?.title ?? id}”`;
    return strokesOf(spec)
      .map((stroke) => capsOf(stroke, isMac).join('+'))
      .join(' ');
  }

  /** The key that works in a text field. */
  whileTyping(id: string): string | undefined {
    return this.keysOf(id).find((key) => typesNothing.test(key));
  }

  isChanged(id: string): boolean {
    return id in this.changed;
  }

  conflicts(id: string, spec: string): Command[] {
    const command = this.#byId.get(id);
    return command ? conflictsOf(this.commands, command, spec) : [];
  }

  /** Gives the command this key in the place of its first one, and takes it from those named. */
  set(id: string, spec: string, from: readonly Command[] = []): void {
    const rest = this.keysOf(id).filter((key, index) => index > 0 && key !== spec);
    const taken = from.map((other) => [other.id, other.keys.filter((key) => !this.#clash(key, spec))] as const);
    this.#change({ ...this.changed, ...Object.fromEntries(taken), [id]: [spec, ...rest] });
  }

  clear(id: string): void {
    this.#change({ ...this.changed, [id]: [] });
  }

  reset(id: string): void {
    this.#change(Object.fromEntries(Object.entries(this.changed).filter(([key]) => key !== id)));
  }

  resetAll(): void {
    this.#change({});
  }

  #clash(key: string, spec: string): boolean {
    return key === spec || key.startsWith(`${spec} `) || spec.startsWith(`${key} `);
  }

  #change(changed: ChangedKeys): void {
    this.changed = changed;
    keep(storageKey, changed);
  }
}
