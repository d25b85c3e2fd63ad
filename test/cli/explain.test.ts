/** @file `explain` and its switch as words. Catches an alert that is forgotten, and a model that is named where nothing is switched. */
import { expect, test } from 'vitest';
import { readArguments } from '../../src/main/cli/readArguments.ts';

const read = (...words: string[]) => readArguments(['explain', '--workspace', 'w', ...words]);

test.each([
  [[], 'needs --alert'],
  [['--alert', 'a', '--model', 'phi3'], '--model belongs to --switch on'],
  [['--switch', 'maybe'], '--switch is on or off'],
  [['--switch', 'on', '--alert', 'a'], '--switch does not take --alert'],
  [['--switch', 'off', '--again'], '--switch does not take --again'],
])('%j: %s', (words, sentence) => expect(() => read(...words)).toThrow(sentence));

test('what fits is taken', () => {
  expect(() => read('--alert', 'a', '--again')).not.toThrow();
  expect(() => read('--switch', 'on', '--model', 'phi3', '--address', 'http://127.0.0.1:1')).not.toThrow();
});
