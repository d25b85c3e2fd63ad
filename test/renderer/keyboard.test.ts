/** @file Keys: layouts, chords, typing, held keys. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/renderer/commands/command.ts';
import { Keyboard } from '../../src/renderer/commands/keyboard.ts';
import type { Focus, KeyInput } from '../../src/renderer/commands/keyboard.ts';
import { capsOf, matchesKey } from '../../src/renderer/lib/keys.ts';

function stroke(key: string, more: Partial<KeyInput> = {}): KeyInput {
  return {
    key,
    code: '',
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    repeat: false,
    isComposing: false,
    ...more,
  };
}

function command(id: string, keys: string[], repeats = false): Command {
  return { id, title: id, group: 'Act', keys, repeats, run: () => undefined };
}

const commands = [
  command('true', ['1', 'Alt+1']),
  command('next', ['J', 'ArrowDown'], true),
  command('extend', ['Shift+J'], true),
  command('queue', ['G Q']),
  command('cases', ['G C']),
  command('context', ['C', '+']),
  command('palette', ['Mod+K']),
  command('all', ['Mod+A']),
  command('sheet', ['?']),
  command('open', ['Enter']),
];

function press(
  input: KeyInput,
  focus: Focus = 'other',
  keyboard = new Keyboard(
    () => commands,
    () => true,
    false,
  ),
) {
  const found = keyboard.resolve(input, focus, 0);
  return typeof found === 'object' && found !== null ? found.id : found;
}

describe('matching', () => {
  it('takes letters by what they type, in either case, but not with another modifier', () => {
    expect(press(stroke('j'))).toBe('next');
    expect(press(stroke('J', { shiftKey: true }))).toBe('extend');
    expect(press(stroke('j', { ctrlKey: true }))).toBeNull();
  });

  it('takes letters by their place on a layout that types no Latin letters', () => {
    expect(press(stroke('о', { code: 'KeyJ' }))).toBe('next');
    expect(press(stroke('ο', { code: 'KeyJ' }))).toBe('next');
    // Dvorak types Latin letters: its "h" lies where QWERTY has "j", and is not "j".
    expect(press(stroke('h', { code: 'KeyJ' }))).toBeNull();
  });

  it('takes digits where they need Shift, and by their place where they do', () => {
    expect(press(stroke('1', { code: 'Digit1', shiftKey: true }))).toBe('true');
    expect(press(stroke('&', { code: 'Digit1' }))).toBe('true');
    expect(press(stroke('!', { code: 'Digit1', shiftKey: true }))).toBeNull();
  });

  it('takes symbols whatever Shift does, and plus as a key of its own', () => {
    expect(press(stroke('?', { shiftKey: true }))).toBe('sheet');
    expect(press(stroke('+', { shiftKey: true }))).toBe('context');
    expect(matchesKey('Mod++', stroke('+', { ctrlKey: true }), false)).toBe(true);
  });

  it('uses Meta for Mod on a Mac and Ctrl elsewhere', () => {
    expect(press(stroke('k', { ctrlKey: true }))).toBe('palette');
    expect(press(stroke('k', { metaKey: true }))).toBeNull();
    expect(
      press(
        stroke('k', { metaKey: true }),
        'other',
        new Keyboard(
          () => commands,
          () => true,
          true,
        ),
      ),
    ).toBe('palette');
  });
});

describe('where the focus is', () => {
  it('leaves text fields their letters, digits and editing keys', () => {
    expect(press(stroke('1'), 'typing')).toBeNull();
    expect(press(stroke('a', { ctrlKey: true }), 'typing')).toBeNull();
    expect(press(stroke('1', { altKey: true }), 'typing')).toBe('true');
    expect(press(stroke('k', { ctrlKey: true }), 'typing')).toBe('palette');
  });

  it('leaves Enter to a focused button and takes everything else', () => {
    expect(press(stroke('Enter'), 'button')).toBeNull();
    expect(press(stroke('1'), 'button')).toBe('true');
  });

  it('ignores keys of an input method', () => {
    expect(press(stroke('j', { isComposing: true }))).toBeNull();
    expect(press(stroke('Process', { code: 'KeyJ' }))).toBeNull();
  });
});

describe('held keys', () => {
  it('repeat moving but never a verdict', () => {
    expect(press(stroke('j', { repeat: true }))).toBe('next');
    expect(press(stroke('1', { repeat: true }))).toBe('swallow');
  });
});

describe('chords', () => {
  it('take the second key even where it has a meaning of its own', () => {
    const keyboard = new Keyboard(
      () => commands,
      () => true,
      false,
    );
    expect(press(stroke('g'), 'other', keyboard)).toBe('swallow');
    expect(press(stroke('c'), 'other', keyboard)).toBe('cases');
    expect(press(stroke('c'), 'other', keyboard)).toBe('context');
  });

  it('are forgotten after a while, and by a key that does not belong to them', () => {
    const keyboard = new Keyboard(
      () => commands,
      () => true,
      false,
    );
    keyboard.resolve(stroke('g'), 'other', 1000);
    expect(keyboard.resolve(stroke('c'), 'other', 60_000)).toMatchObject({ id: 'context' });
    keyboard.resolve(stroke('g'), 'other', 70_000);
    expect(keyboard.resolve(stroke('x'), 'other', 70_001)).toBeNull();
    expect(keyboard.resolve(stroke('q'), 'other', 70_002)).toBeNull();
  });
});

describe('key caps', () => {
  it('print what is on the keys', () => {
    expect(capsOf('Mod+K', false)).toEqual(['Ctrl', 'K']);
    expect(capsOf('Shift+ArrowDown', false)).toEqual(['Shift', '↓']);
    expect(capsOf('-', false)).toEqual(['−']);
    expect(capsOf('Escape', false)).toEqual(['Esc']);
  });
});
