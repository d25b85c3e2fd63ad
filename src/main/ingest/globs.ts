/** @file Patterns of file names as a shell has them: `*`, `?`, `[a-z]`, `[!a]`. Matched by hand: a pattern is never a regular expression. */

const longestPattern = 255;

/** A file of the folder itself: a pattern holds no separators. */
export function isGlob(pattern: string): boolean {
  return pattern.length > 0 && pattern.length <= longestPattern && !/[/\\\0]/.test(pattern);
}

/**
 * Whether the whole name fits. A name with a dot at its start is hidden, and fits only a pattern that has the dot, too. Time is bounded by the
 * product of the lengths, whatever the pattern.
 */
export function matchesGlob(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const characters = [...name];
  const parts = parseGlob(pattern);
  let at = 0;
  let part = 0;
  /** Where the last star stood, and how much it has taken so far. */
  let star = -1;
  let taken = 0;
  while (at < characters.length) {
    const expected = parts[part];
    if (expected?.kind === 'star') {
      star = part++;
      taken = at;
    } else if (expected && fits(characters[at] ?? '', expected)) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1;
      at = ++taken;
    } else {
      return false;
    }
  }
  return parts.slice(part).every(({ kind }) => kind === 'star');
}

type Part =
  | { kind: 'star' }
  | { kind: 'any' }
  | { kind: 'one'; character: string }
  | { kind: 'set'; isNot: boolean; ranges: [from: string, to: string][] };

function fits(character: string, part: Part): boolean {
  switch (part.kind) {
    case 'star':
      return false;
    case 'any':
      return true;
    case 'one':
      return character === part.character;
    case 'set':
      return part.ranges.some(([from, to]) => from <= character && character <= to) !== part.isNot;
  }
}

function parseGlob(pattern: string): Part[] {
  const characters = [...pattern];
  const parts: Part[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '*') {
      if (parts.at(-1)?.kind !== 'star') parts.push({ kind: 'star' });
    } else if (character === '?') parts.push({ kind: 'any' });
    else {
      const set = character === '[' ? parseSet(characters, at) : null;
      parts.push(set?.part ?? { kind: 'one', character });
      if (set) at = set.end;
    }
  }
  return parts;
}

/** Null where the bracket is never closed: then it stands for itself. `end` is the place of the closing one. */
function parseSet(characters: readonly string[], start: number): { part: Part; end: number } | null {
  let at = start + 1;
  const isNot = characters[at] === '!' || characters[at] === '^';
  if (isNot) at++;
  const ranges: [string, string][] = [];
  // A bracket that closes at once is a member.
  for (let isFirst = true; at < characters.length; isFirst = false) {
    const from = characters[at] ?? '';
    if (from === ']' && !isFirst) return { part: { kind: 'set', isNot, ranges }, end: at };
    const to = characters[at + 2];
    const isRange = characters[at + 1] === '-' && to !== undefined && to !== ']';
    ranges.push([from, isRange ? to : from]);
    at += isRange ? 3 : 1;
  }
  return null;
}
