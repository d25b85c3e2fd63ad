/** @file Characters that hide, reorder or command must never reach the screen as themselves. */
import { describe, expect, it } from 'vitest';
import { nameOfMark, revealPieces, revealText } from '../../src/renderer/lib/invisible.ts';
import { isHidden, markOf } from '../../src/shared/hidden.ts';

describe('hidden characters', () => {
  it('become marks: controls by picture, the rest by code point', () => {
    expect(revealText('a\u001b[31mb')).toBe('a␛[31mb');
    expect(revealText('user\u202egnp.exe')).toBe('userU+202Egnp.exe');
    expect(revealText('l\u200bsass')).toBe('lU+200Bsass');
    expect(revealText('\ud800x')).toBe('U+D800x');
    expect(revealText('\u{e0041}')).toBe('U+E0041');
    expect(nameOfMark(markOf(0x1b))).toBe('ESC');
    expect(nameOfMark(markOf(0x7f))).toBe('DEL');
    expect(nameOfMark(markOf(0x202e))).toBe('U+202E');
  });

  it('cover every bidirectional and zero-width character', () => {
    // prettier-ignore
    const trojan = [0x061c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff, 0xad];
    for (const codePoint of trojan) expect(isHidden(codePoint), codePoint.toString(16)).toBe(true);
    for (let control = 0; control < 0x20; control++) expect(isHidden(control)).toBe(true);
    for (let control = 0x7f; control < 0xa0; control++) expect(isHidden(control)).toBe(true);
  });

  it('leave letters of every script, spaces and emoji alone', () => {
    for (const text of ['plain', 'Grüße', 'Ελλάς', 'Москва', '日本', '𝒳', 'a b', '😀']) {
      expect(revealPieces(text)).toEqual([{ text, mark: null }]);
    }
    expect(revealPieces('')).toEqual([]);
  });

  it('lose no character of the line', () => {
    const line = 'a\u0000\u202eb\u200b\tc\n';
    expect(
      revealPieces(line)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(line);
  });

  it('keep line breaks of notes, and only those', () => {
    expect(revealPieces('a\nb\u0007', true)).toEqual([
      { text: 'a\nb', mark: null },
      { text: '\u0007', mark: '␇' },
    ]);
    // Tabs that indent a line are layout as well; elsewhere they are characters that could hide what is behind them.
    expect(revealPieces('a\n\t\tat b', true)).toEqual([{ text: 'a\n\t\tat b', mark: null }]);
    expect(revealPieces('a\n\tb\tc', true).map(({ mark }) => mark)).toEqual([null, '␉', null]);
    expect(revealPieces('\ta', true)[0]?.mark).toBe('␉');
  });
});
