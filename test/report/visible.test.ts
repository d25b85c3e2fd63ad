/** @file Hidden characters must show. Catches text that reorders, ends or hides a line in a report, and one class of characters forgotten. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible, visibleLines } from '../../src/main/report/visible.ts';

test('controls get their pictures, others their code point', () => {
  expect(visible('\u001b[2J\u0000\t\r\n\u007f')).toBe('␛[2J␀␉␍␊␡');
  expect(visible('a\u202eb\u200b\u0085\ud800\u{e0041}')).toBe('a[U+202E]b[U+200B][U+0085][U+D800][U+E0041]');
});

test('what can be read is left as it is', () => {
  const text = 'Größe 漢字 שלום 😀 é e\u0301 – “x” \u00a0';
  expect(visible(text)).toBe(text);
});

test('nothing hidden is left, and a second pass changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.integer({ min: 0, max: 0xffff })), (text, units) => {
      const shown = visible(text + String.fromCharCode(...units));
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(shown.isWellFormed()).toBe(true);
      expect(visible(shown)).toBe(shown);
    }),
  );
});

test('lines of a note end as they were written on any system', () => {
  expect(visibleLines('a\r\nb\rc\n\nd\u202e')).toEqual(['a', 'b', 'c', '', 'd[U+202E]']);
});
