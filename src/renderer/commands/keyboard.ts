/** @file From key events to commands: chords, typing, composing, held keys. Listens on the window, so that focus never matters. */
import { matchesKey, matchesPlace, strokesOf, typesNothing } from '../lib/keys.ts';
import type { KeyStroke } from '../lib/keys.ts';
import type { Command } from './command.ts';

/** What of a key event decides. A real KeyboardEvent fits; tests give plain objects. */
export type KeyInput = KeyStroke & { repeat: boolean; isComposing: boolean };
/** Where the key was struck. */
export type Focus = 'typing' | 'button' | 'other';

const chordMs = 1500;

export class Keyboard {
  readonly #commands: () => readonly Command[];
  readonly #isUsable: (command: Command) => boolean;
  readonly #isMac: boolean;
  #chord: string[] = [];
  #chordAt = 0;

  constructor(commands: () => readonly Command[], isUsable: (command: Command) => boolean, isMac: boolean) {
    this.#commands = commands;
    this.#isUsable = isUsable;
    this.#isMac = isMac;
  }

  /** The command to run; "swallow" where the key began a chord or repeats what must not repeat; null: not ours. */
  resolve(input: KeyInput, focus: Focus, now: number): Command | 'swallow' | null {
    if (input.isComposing || input.key === 'Process' || isModifier(input.key)) return null;
    const usable = this.#commands().filter(this.#isUsable);
    const begun = now - this.#chordAt < chordMs ? this.#chord : [];
    this.#chord = [];
    for (const matches of [matchesKey, matchesPlace]) {
      const found = this.#find(usable, begun, input, focus, matches);
      if (found === 'chord') {
        this.#chordAt = now;
        return 'swallow';
      }
      if (!found) continue;
      return input.repeat && !found.repeats ? 'swallow' : found;
    }
    return null;
  }

  #find(
    commands: readonly Command[],
    begun: readonly string[],
    input: KeyInput,
    focus: Focus,
    matches: typeof matchesKey,
  ): Command | 'chord' | null {
    for (const command of commands) {
      for (const spec of command.keys) {
        const strokes = strokesOf(spec);
        const stroke = strokes[begun.length];
        if (stroke === undefined || !begun.every((key, index) => key === strokes[index])) continue;
        if (!worksIn(stroke, focus) || !matches(stroke, input, this.#isMac)) continue;
        if (strokes.length === begun.length + 1) return command;
        this.#chord = [...begun, stroke];
        return 'chord';
      }
    }
    return null;
  }
}

/** While typing only keys with Mod or Alt and function keys are ours; on a button, Enter and Space press it. */
function worksIn(stroke: string, focus: Focus): boolean {
  if (focus === 'typing') return typesNothing.test(stroke) && !editing.has(stroke);
  if (focus === 'button') return stroke !== 'Enter' && stroke !== 'Space';
  return true;
}

/** What every text field does by itself. */
const editing = new Set(['Mod+A', 'Mod+Z', 'Mod+Shift+Z', 'Mod+Y']);

function isModifier(key: string): boolean {
  return key === 'Shift' || key === 'Control' || key === 'Alt' || key === 'Meta' || key === 'AltGraph';
}

/** Where an event was struck, for `resolve`. */
export function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof HTMLElement)) return 'other';
  if (target.isContentEditable || target.matches('textarea, select')) return 'typing';
  if (target instanceof HTMLInputElement) {
    return ['checkbox', 'radio', 'button', 'file', 'range'].includes(target.type) ? 'button' : 'typing';
  }
  // A menu and a list to choose from take arrows and letters for themselves.
  if (target.closest('[role="menu"], [role="listbox"]')) return 'typing';
  return target.closest('button, a, summary, [role="tab"]') ? 'button' : 'other';
}
