/** @file Patterns of names against another way of telling, and patterns made to cost time. Catches one that matches part of a name or never ends. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isGlob, matchesGlob } from '../../src/main/ingest/globs.ts';

test.each([
  ['auth.log', '*.log', true],
  ['auth.log.1', '*.log', false],
  ['auth.log', 'auth.???', true],
  ['auth.log', 'auth.??', false],
  ['.hidden.log', '*.log', false],
  ['.hidden.log', '.*.log', true],
  ['a1', 'a[0-9]', true],
  ['ab', 'a[!0-9]', true],
  ['a]', 'a[]]', true],
  ['a[', 'a[', true],
  ['a-', 'a[0-]', true],
  ['naïve😀.log', 'na?ve?.log', true],
  ['a.log', '(a|b).log', false],
  ['', '*', true],
])('%s, %s: %s', (name, pattern, fits) => {
  expect(matchesGlob(name, pattern)).toBe(fits);
});

/** By definition, character by character, without a thought for time. */
function fitsByDefinition(name: readonly string[], pattern: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return name.length === 0;
  if (first === '*')
    return fitsByDefinition(name, rest) || (name.length > 0 && fitsByDefinition(name.slice(1), pattern));
  return name.length > 0 && (first === '?' || first === name[0]) && fitsByDefinition(name.slice(1), rest);
}

test('stars and question marks are what their definition says', () => {
  const word = (alphabet: string[]) => fc.array(fc.constantFrom(...alphabet), { maxLength: 8 });
  fc.assert(
    fc.property(word(['a', 'b', '.']), word(['a', 'b', '.', '*', '?']), (name, pattern) => {
      fc.pre(name[0] !== '.' && pattern[0] !== '.');
      expect(matchesGlob(name.join(''), pattern.join(''))).toBe(fitsByDefinition(name, pattern));
    }),
    { numRuns: 2000 },
  );
});

test('a name fits itself, and whatever text is a pattern ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ maxLength: 60 }), (name, pattern) => {
      matchesGlob(name, pattern);
      const isPlain = [...name].every((character) => !'*?['.includes(character));
      if (isPlain) expect(matchesGlob(name, name)).toBe(true);
    }),
  );
  expect(matchesGlob(`${'a'.repeat(255)}b`, '*a'.repeat(120))).toBe(false);
});

test('a pattern holds no separator', () => {
  expect(['*.log', 'a/b', '..\\x', 'a\0b', '', 'x'.repeat(300)].map(isGlob)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
