/** @file A masked line as a string: placeholders that no text can name, and where each character stands in the raw line. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { tokenize } from '../../src/main/text/mask.ts';
import type { TextLine } from '../../src/main/text/maskedLine.ts';
import { maskedText } from '../../src/main/text/maskedText.ts';
import { hardTexts, sampleLines } from '../helpers/sampleLines.ts';

function masked(raw: string, more: Partial<TextLine> = {}): ReturnType<typeof maskedText> {
  const line = { severity: null, process: null, message: { start: 0, end: raw.length }, ...more };
  return maskedText(raw, line, tokenize(raw, line.message));
}

it('is equal for lines that differ in masked values only, and keeps what wrote them apart from the message', () => {
  expect(masked('from 10.0.0.1 port 4022').text).toBe(masked('from 10.9.8.7 port 4023').text);
  expect(masked('from 10.0.0.1').text).not.toBe(masked('from 203.0.113.9').text);
  const raw = 'sshd: opened';
  const process = { start: 0, end: 4 };
  expect(masked(raw, { process, message: { start: 6, end: 12 } }).text).toBe('sshd\ue0ffopened');
});

it('takes a placeholder from no text, and says of every character where it stands', () => {
  const texts = fc
    .array(fc.constantFrom(...hardTexts, ...sampleLines, '\ue009\uf8ff'), { maxLength: 3 })
    .map((parts) => parts.join(' '));
  fc.assert(
    fc.property(texts, (raw) => {
      const { text, starts, ends } = masked(raw);
      expect([starts.length, ends.length]).toEqual([text.length, text.length]);
      let position = 0;
      for (let index = 0; index < text.length; index++) {
        expect(starts[index]).toBe(position);
        position = ends[index] ?? -1;
        const isPlaceholder = /[\ue000-\uf8ff]/.test(text[index] ?? '');
        if (!isPlaceholder)
          expect(text[index]).toBe(raw.slice(starts[index], position).replace(/[\ue000-\uf8ff]/, '\ufffd'));
      }
      expect(position).toBe(raw.length);
    }),
  );
});
