/** @file The line under its surprise. Catches characters lost, doubled or cut in two where spans overlap or run out of the line. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { heatClass, heatedLine } from '../../src/main/report/heat.ts';

test('the classes are the steps of the scale', () => {
  expect([0, 0.9, 1, 2, 4, 7, 10, 14, 60, Infinity].map(heatClass)).toEqual([
    's0',
    's0',
    's1',
    's2',
    's3',
    's4',
    's5',
    's6',
    's6',
    's6',
  ]);
});

test('of two spans that overlap the hotter is shown', () => {
  const pieces = heatedLine('abcdef', [
    { start: 0, end: 4, bits: 1 },
    { start: 2, end: 5, bits: 12 },
  ]);
  expect(pieces.join('')).toBe('ab<mark class="s5" title="12.0 bits, 1 in 4,100">cde</mark>f');
});

test('whatever the spans, the line is whole', () => {
  const span = fc.record({
    start: fc.integer({ min: -3, max: 30 }),
    end: fc.integer({ min: -3, max: 30 }),
    bits: fc.double({ min: 0, max: 40, noNaN: true }),
  });
  const text = fc.array(fc.constantFrom('a', '😀', 'é', '漢')).map((characters) => characters.join(''));
  fc.assert(
    fc.property(text, fc.array(span), (line, spans) => {
      const pieces = heatedLine(line, spans);
      expect(pieces.join('').replace(/<[^>]+>/g, '')).toBe(line);
    }),
  );
});
