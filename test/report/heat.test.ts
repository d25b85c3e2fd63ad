/** @file The line under its surprise. Catches characters lost, doubled or cut in two where spans overlap or run out of the line. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { textOfRuns } from '../../src/main/report/document.ts';
import { heatClass, heatedRuns } from '../../src/main/report/heat.ts';

test('the classes are the steps of the scale', () => {
  expect([0, 0.9, 1, 2, 4, 7, 10, 14, 60, Infinity].map(heatClass)).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 6, 6]);
});

test('of two spans that overlap the hotter is shown', () => {
  const pieces = heatedRuns('abcdef', [
    { start: 0, end: 4, bits: 1 },
    { start: 2, end: 5, bits: 12 },
  ]);
  expect(pieces).toEqual([{ text: 'ab' }, { text: 'cde', bits: 12 }, { text: 'f' }]);
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
      expect(textOfRuns(heatedRuns(line, spans))).toBe(line);
    }),
  );
});
