/** @file Ranks a title against what was typed, and says which characters matched so that they can be marked. */

export type FuzzyMatch = { score: number; positions: number[] };

/** Null: not all letters of the query are in the text, in order. Spaces in the query separate, they need no match. */
export function fuzzyMatch(query: string, text: string): FuzzyMatch | null {
  const wanted = [...query.toLowerCase()].filter((character) => character !== ' ');
  const lower = text.toLowerCase();
  if (wanted.length === 0) return { score: 0, positions: [] };
  const whole = lower.indexOf(query.trim().toLowerCase());
  if (whole >= 0) {
    const length = query.trim().length;
    const startsWord = whole === 0 || !isWordCharacter(lower[whole - 1]);
    const positions = Array.from({ length }, (_, index) => whole + index);
    return { score: 100 + length * 4 + (startsWord ? 40 : 0) - whole - text.length * 0.1, positions };
  }
  return bestScatter(wanted, lower);
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

/** Greedy from each possible start; titles are short, so trying all starts is cheap. */
function bestScatter(wanted: string[], lower: string): FuzzyMatch | null {
  let best: FuzzyMatch | null = null;
  for (let start = lower.indexOf(wanted[0] ?? ''); start >= 0; start = lower.indexOf(wanted[0] ?? '', start + 1)) {
    const found = scatterFrom(wanted, lower, start);
    if (!found) break;
    if (!best || found.score > best.score) best = found;
  }
  return best;
}

function scatterFrom(wanted: string[], lower: string, start: number): FuzzyMatch | null {
  const positions: number[] = [];
  let position = start;
  let score = 0;
  for (const character of wanted) {
    // The start of a word is what people abbreviate by: take it over an earlier letter inside a word.
    const next = preferWordStart(lower, character, position, positions.at(-1));
    if (next < 0) return null;
    const isNeighbour = positions.at(-1) === next - 1;
    score += isNeighbour ? 6 : isWordCharacter(lower[next - 1]) ? 1 : 5;
    positions.push(next);
    position = next + 1;
  }
  const spread = (positions.at(-1) ?? 0) - (positions[0] ?? 0);
  return { score: score - spread * 0.2 - (positions[0] ?? 0) * 0.1, positions };
}

function preferWordStart(lower: string, character: string, from: number, previous: number | undefined): number {
  const plain = lower.indexOf(character, from);
  if (plain < 0 || plain === (previous ?? -2) + 1) return plain;
  for (let index = plain; index >= 0; index = lower.indexOf(character, index + 1)) {
    if (!isWordCharacter(lower[index - 1])) return index;
  }
  return plain;
}

/** Best first; equal ones keep their order. */
export function rankBy<T>(
  query: string,
  items: readonly T[],
  textOf: (item: T) => string,
): { item: T; match: FuzzyMatch }[] {
  return items
    .flatMap((item) => {
      const match = fuzzyMatch(query, textOf(item));
      return match ? [{ item, match }] : [];
    })
    .sort((left, right) => right.match.score - left.match.score);
}

/** The text in runs, matched and unmatched by turns. */
export function markedRuns(text: string, positions: readonly number[]): { text: string; isMatch: boolean }[] {
  const hits = new Set(positions);
  const runs: { text: string; isMatch: boolean }[] = [];
  for (let index = 0; index < text.length; index++) {
    const isMatch = hits.has(index);
    const last = runs.at(-1);
    if (last && last.isMatch === isMatch) last.text += text[index];
    else runs.push({ text: text[index] ?? '', isMatch });
  }
  return runs;
}
