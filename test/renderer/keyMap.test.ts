/** @file The key map: changing keys, clashes, what an event is called, and what the default table must keep to. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command } from '../../src/renderer/commands/command.ts';
import { createCommands } from '../../src/renderer/commands/commands.ts';
import { Keyboard } from '../../src/renderer/commands/keyboard.ts';
import { bound, conflictsOf, readChangedKeys } from '../../src/renderer/commands/keyMap.ts';
import { strokeOf } from '../../src/renderer/lib/keys.ts';
import type { KeyStroke } from '../../src/renderer/lib/keys.ts';
import { AppState } from '../../src/renderer/state/app.svelte.ts';
import { KeyBindings } from '../../src/renderer/state/keyBindings.svelte.ts';
import { FakeTransport } from './helpers/fakeTransport.ts';

const places = [
  { name: 'queue', title: 'Queue', keys: ['G Q'] },
  { name: 'logs', title: 'Logs', keys: ['G L'] },
] as const;

const stroke = (key: string, more: Partial<KeyStroke> = {}): KeyStroke => ({
  ...{ key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
  ...more,
});

const table = (): Command[] => createCommands(new AppState(new FakeTransport({})), places);

/** Node has no such storage. */
let stored: Map<string, string>;
beforeEach(() => {
  stored = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
});

describe('a key event as a spec', () => {
  it.each([
    [stroke('j'), 'J'],
    [stroke('J', { shiftKey: true }), 'Shift+J'],
    [stroke('?', { shiftKey: true }), '?'],
    [stroke(' '), 'Space'],
    [stroke('k', { ctrlKey: true }), 'Mod+K'],
    [stroke('F6', { shiftKey: true }), 'Shift+F6'],
    // A layout that types no Latin letters, and Alt on one that types other characters with it.
    [stroke('о', { code: 'KeyJ' }), 'J'],
    [stroke('¡', { code: 'Digit1', altKey: true }), 'Alt+1'],
  ])('%j', (event, spec) => expect(strokeOf(event, false)).toBe(spec));

  it('a modifier alone, Tab and Backspace are no key to bind', () => {
    for (const key of ['Shift', 'Control', 'Dead', 'Tab', 'Backspace']) expect(strokeOf(stroke(key), false)).toBeNull();
  });

  it('what is recorded is what the keyboard then hears', () => {
    for (const event of [stroke('j'), stroke(' '), stroke('+', { shiftKey: true }), stroke('é'), stroke('F9')]) {
      const spec = strokeOf(event, false) ?? '';
      const command: Command = { id: 'it', title: '', group: 'Act', keys: [spec], run: () => undefined };
      const keyboard = new Keyboard(
        () => [command],
        () => true,
        false,
      );
      expect(keyboard.resolve({ ...event, repeat: false, isComposing: false }, 'other', 0), spec).toBe(command);
    }
  });
});

describe('clashes', () => {
  const commands = table();
  const byId = (id: string): Command => commands.find((command) => command.id === id) as Command;

  it('are named where both commands can be reached, and nowhere else', () => {
    const of = (id: string, spec: string): string[] => conflictsOf(commands, byId(id), spec).map((other) => other.id);
    expect(of('verdict.note', 'Y')).toEqual(['alert.copy']);
    expect(of('case.export_html', 'Y')).toEqual([]);
    // A single key would never let a chord begin.
    expect(of('alert.copy', 'G')).toContain('go.queue');
  });

  it('the default table gives no key two meanings at one place, but for those that exclude each other', () => {
    const clashes = commands.flatMap((command) =>
      command.keys.flatMap((spec) =>
        conflictsOf(commands, command, spec)
          .filter((other) => command.isAvailable === undefined && other.isAvailable === undefined)
          .map((other) => `${spec}: ${command.id}, ${other.id}`),
      ),
    );
    expect(clashes).toEqual([]);
  });
});

it('no command answers to Backspace, and nothing that removes answers to a held key', () => {
  const commands = table();
  expect(commands.filter(({ keys }) => keys.some((key) => key.includes('Backspace')))).toEqual([]);
  expect(commands.filter(({ id, repeats }) => repeats === true && /remove|delete|verdict/.test(id))).toEqual([]);
});

it('ids and titles are there once (a second one of an id could not be rebound)', () => {
  const ids = table().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

describe('changing keys', () => {
  it('takes the key from the others that were named, keeps the second key, and can be put back', () => {
    const keys = new KeyBindings();
    keys.defaults = table();
    const others = keys.conflicts('verdict.true_positive', 'Y');
    keys.set('verdict.true_positive', 'Y', others);
    expect(keys.keysOf('verdict.true_positive')).toEqual(['Y', 'Alt+1']);
    expect(keys.whileTyping('verdict.true_positive')).toBe('Alt+1');
    expect(keys.keysOf('alert.copy')).toEqual([]);
    keys.reset('alert.copy');
    expect(keys.keysOf('alert.copy')).toEqual(['Y']);
    expect(new KeyBindings().changed).toEqual({ 'verdict.true_positive': ['Y', 'Alt+1'] });
    keys.resetAll();
    expect(keys.commands).toEqual(bound(keys.defaults, {}));
  });

  it('what was kept is taken as far as it makes sense (an edited or older entry must not stop the app)', () => {
    expect(readChangedKeys({ a: ['X'], b: 'X', c: [1], d: [''], e: [] })).toEqual({ a: ['X'], e: [] });
    for (const kept of [null, 3, 'x', ['a']]) expect(readChangedKeys(kept)).toEqual({});
  });
});
