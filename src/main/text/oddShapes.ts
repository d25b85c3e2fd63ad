/** @file Paths, queries, URLs and agents that are written as attacks write them: climbing, quotes and brackets, control characters, encoded or not. */
import { isHexCode } from './characters.ts';

const dot = 46;
const slash = 47;
const backslash = 92;
const percent = 37;

/** What a path or a query has no use for: control characters and `"` `'` `<` `>` `\` `` ` `` `{` `}`. Round brackets, bars, semicolons are usual. */
const oddCodes = new Uint8Array(128);
for (let control = 0; control < 32; control++) oddCodes[control] = 1;
for (const character of '"\'<>\\`{}\u007f') oddCodes[character.charCodeAt(0)] = 1;

/** Whether [start, end) climbs, or holds what it has no use for, encoded too; nobody needs to encode a dot or a percent sign. */
export function isOdd(raw: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const character = raw.charCodeAt(index);
    if (character < 128 && oddCodes[character] === 1) return true;
    if (character === percent && isOddEncoded(raw, index, end)) return true;
  }
  return isClimbing(raw, start, end);
}

function isOddEncoded(raw: string, index: number, end: number): boolean {
  if (index + 2 >= end || !isHexCode(raw.charCodeAt(index + 1)) || !isHexCode(raw.charCodeAt(index + 2))) return false;
  const character = Number.parseInt(raw.slice(index + 1, index + 3), 16);
  return character === dot || character === percent || oddCodes[character] === 1;
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
