/** @file Paths, queries, URLs and agents that are written as attacks write them: climbing, quotes and brackets, control characters, encoded or not. */
import { isHexCode } from './characters.ts';

const dot = 46;
const slash = 47;
const backslash = 92;
const percent = 37;

/** What a path or a query has no use for: control characters and `"` `'` `<` `>` `\` `` ` `` `{` `}`. Round brackets, bars, semicolons are usual. */
const usual = 0;
const odd = 1;
const dotOrPercent = 2;
const looks = new Uint8Array(0x1_0000);
for (let control = 0; control < 32; control++) looks[control] = odd;
for (const character of '"\'<>\\`{}\u007f') looks[character.charCodeAt(0)] = odd;
for (const character of '.%') looks[character.charCodeAt(0)] = dotOrPercent;

/** Whether [start, end) climbs, or holds what it has no use for, encoded too; nobody needs to encode a dot or a percent sign. */
export function isOdd(raw: string, start: number, end: number): boolean {
  let hasTwoDots = false;
  for (let index = start; index < end; index++) {
    const look = looks[raw.charCodeAt(index)];
    if (look === usual) continue;
    if (look === odd || isOddEncoded(raw, index, end)) return true;
    hasTwoDots ||= raw.charCodeAt(index) === dot && raw.charCodeAt(index + 1) === dot;
  }
  return hasTwoDots && isClimbing(raw, start, end);
}

/** An agent says much; braces, angle brackets, quotes and backslashes it has no use for. Every access line has one: the engine's search is fastest. */
export function isOddAgent(raw: string, start: number, end: number): boolean {
  return ['{', '<', "'", '\\'].some((character) => {
    const index = raw.indexOf(character, start);
    return index >= 0 && index < end;
  });
}

function isOddEncoded(raw: string, index: number, end: number): boolean {
  if (raw.charCodeAt(index) !== percent || index + 2 >= end) return false;
  if (!isHexCode(raw.charCodeAt(index + 1)) || !isHexCode(raw.charCodeAt(index + 2))) return false;
  return looks[Number.parseInt(raw.slice(index + 1, index + 3), 16)] !== usual;
}

/** Whether the path has a segment `..` at its root or behind a name: `../../x` only starts elsewhere. */
export function isClimbing(raw: string, start: number, end: number): boolean {
  let isBelow = isParting(raw.charCodeAt(start));
  for (let index = start; index < end; index++) {
    const character = raw.charCodeAt(index);
    if (character !== dot) {
      if (!isParting(character)) isBelow = true;
    } else if (
      isBelow &&
      raw.charCodeAt(index + 1) === dot &&
      index + 1 < end &&
      isParting(raw.charCodeAt(index - 1))
    ) {
      if (index + 2 === end || isParting(raw.charCodeAt(index + 2)) || isEncodedSlash(raw, index + 2)) return true;
    }
  }
  return false;
}

/** `..%2f` */
function isEncodedSlash(raw: string, index: number): boolean {
  return (
    raw.charCodeAt(index) === percent && raw.charCodeAt(index + 1) === 50 && (raw.charCodeAt(index + 2) | 32) === 102
  );
}

function isParting(character: number): boolean {
  return character === slash || character === backslash;
}
