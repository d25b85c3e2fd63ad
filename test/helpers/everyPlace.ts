/** @file Every place of the app and the keys that lead there from the one before, for what is looked at in all of them. */

/** In a workspace with scored alerts and no case, which is made on the way; begins with the tour on screen. */
export const everyPlace: readonly (readonly [name: string, keys: readonly string[]])[] = [
  ['queue with the tour', ['Escape', 'g', 'q']],
  ['queue', ['j']],
  ['alert at full width', ['Enter']],
  ['note', ['Escape', 'n']],
  ['new case', ['Escape', 'Shift+E']],
  ['assign', ['Enter', 'Shift+A']],
  ['mute', ['Escape', 'm']],
  ['saved views', ['Escape', 'v']],
  ['pick a value', ['Escape', 'f']],
  ['filter with an error', ['Escape', '/', 'severity:hihg']],
  ['groups', ['Escape', 'Escape', 'Escape', 'Shift+G']],
  ['ticked', ['Control+a']],
  ['palette', ['Escape', 'Control+k']],
  ['keys', ['Escape', '?']],
  ['logs', ['Escape', 'g', 'l']],
  ['entities', ['g', 'e']],
  ['entity', ['g', 'q', 'Shift+O']],
  ['cases', ['g', 'c']],
  ['import a bundle', ['i']],
  ['case', ['Escape', 'Enter']],
  ['alerts of a case', ['2']],
  ['timeline of a case', ['3']],
  ['tasks of a case', ['4']],
  ['notes of a case', ['5']],
  ['report of a case', ['7']],
  ['models', ['g', 'm']],
  ['train a model', ['Shift+T']],
  ['classifiers', ['Escape', 'g', 'k']],
  ['learning', ['g', 'r']],
  ['overview', ['g', 'o']],
  ['hand-over', ['g', 'h']],
  ['settings', ['Control+,']],
];

/** A name longer than a key's is typed. */
export const isTyped = (key: string): boolean => key.includes(':');
