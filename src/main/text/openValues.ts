/**
 * @file Values that the text model reads as they are written: paths, queries and URLs, since attacks hide in them. What in them tells one from
 * its like (long numbers, hashes) is a placeholder still, so that the lines of a log stay few.
 */
import { isDigitCode, isHexCode, isLetterCode } from './characters.ts';
import { tokenKinds } from './kinds.ts';

/** Fewer digits are a version, a page, a year. */
const leastDigits = 4;
/** Fewer hex digits may be a word. */
const leastHex = 8;

const open = new Uint8Array(64);
for (const kind of [
  tokenKinds.path,
  tokenKinds.pathEtc,
  tokenKinds.pathTemporary,
  tokenKinds.pathHome,
  tokenKinds.pathOdd,
  tokenKinds.query,
  tokenKinds.queryOdd,
  tokenKinds.url,
  tokenKinds.urlOdd,
])
  open[kind] = 1;

export function isOpen(kind: number): boolean {
  return open[kind] === 1;
}

/** The value [start, end) from its start to its end: text (`word`) and placeholders; no piece is empty. */
export function eachPart(
  raw: string,
  start: number,
  end: number,
  visit: (kind: number, start: number, end: number) => void,
): void {
  let from = start;
  for (let index = start; index < end;) {
    if (!isLetterOrDigit(raw.charCodeAt(index))) {
      index++;
      continue;
    }
    const runStart = index;
    let [digits, isHex] = [0, true];
    for (; index < end; index++) {
      const character = raw.charCodeAt(index);
      if (isDigitCode(character)) digits++;
      else if (!isLetterCode(character)) break;
      if (isHex && !isHexCode(character)) isHex = false;
    }
    // `%3Ftoken`: the two digits of an encoded character are no part of the word behind them.
    const length = index - runStart;
    const kind =
      digits === length && length >= leastDigits
        ? tokenKinds.number
        : isHex && digits > 0 && length >= leastHex
          ? tokenKinds.hex
          : tokenKinds.word;
    if (kind === tokenKinds.word) continue;
    if (runStart > from) visit(tokenKinds.word, from, runStart);
    visit(kind, runStart, index);
    from = index;
  }
  if (end > from) visit(tokenKinds.word, from, end);
}

function isLetterOrDigit(character: number): boolean {
  return isLetterCode(character) || isDigitCode(character);
}
