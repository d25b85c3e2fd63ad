/** @file Classes of characters, as bits: what may stand inside a token, and what only separates. */

export const bits = {
  separator: 0,
  hexLetter: 1,
  otherLetter: 2,
  digit: 4,
  dot: 8,
  colon: 16,
  slash: 32,
  equals: 64,
  dash: 128,
  at: 256,
  underscore: 512,
  /** `%`, `+`, `$`. */
  sign: 1024,
  /** Any letter, mark or symbol beyond ASCII, lone surrogates too. */
  beyondAscii: 2048,
} as const;

export const letterBits = bits.hexLetter | bits.otherLetter | bits.beyondAscii;
/** Tokens of these alone are words without further look. */
export const plainWordBits = letterBits | bits.underscore;

/** One entry for each code unit: the scanner looks up every character of every line. */
const classes = new Uint16Array(0x1_0000).fill(bits.beyondAscii);
for (let character = 0; character < 128; character++) classes[character] = classOfAscii(String.fromCharCode(character));
// Next line, no-break space, line and paragraph separator, ideographic space, byte order mark.
for (const blank of [0x85, 0xa0, 0x2028, 0x2029, 0x3000, 0xfeff]) classes[blank] = bits.separator;

function classOfAscii(character: string): number {
  if (/[a-fA-F]/.test(character)) return bits.hexLetter;
  if (/[g-zG-Z]/.test(character)) return bits.otherLetter;
  if (/[0-9]/.test(character)) return bits.digit;
  switch (character) {
    case '.':
      return bits.dot;
    case ':':
      return bits.colon;
    case '/':
      return bits.slash;
    case '=':
      return bits.equals;
    case '-':
      return bits.dash;
    case '@':
      return bits.at;
    case '_':
      return bits.underscore;
    case '%':
    case '+':
    case '$':
      return bits.sign;
    default:
      return bits.separator;
  }
}

/** Class bit of a UTF-16 code unit; 0 for separators: blanks, controls, brackets, quotes, and most punctuation. */
export function classOf(character: number): number {
  return classes[character] ?? 0;
}

/** Index of a character in [start, end), or -1: `indexOf` would look through the rest of the line. */
export function indexWithin(raw: string, character: number, start: number, end: number): number {
  for (let index = start; index < end; index++) if (raw.charCodeAt(index) === character) return index;
  return -1;
}

/** Union of the class bits in [start, end). */
export function classesIn(raw: string, start: number, end: number): number {
  let union = 0;
  for (let index = start; index < end; index++) union |= classOf(raw.charCodeAt(index));
  return union;
}

export function isDigitCode(character: number): boolean {
  return character >= 48 && character <= 57;
}

export function isLetterCode(character: number): boolean {
  return (character >= 97 && character <= 122) || (character >= 65 && character <= 90);
}

export function isHexCode(character: number): boolean {
  return isDigitCode(character) || (character >= 97 && character <= 102) || (character >= 65 && character <= 70);
}

export function isBlankCode(character: number): boolean {
  return character === 32 || character === 9;
}

/** Punctuation of the sentence at the end of a chunk, where it closes and means nothing: `. : - + @ /`. */
export function isTrailing(character: number): boolean {
  switch (character) {
    case 46:
    case 58:
    case 45:
    case 43:
    case 64:
    case 47:
      return true;
    default:
      return false;
  }
}

/** The same at its start, where a sign, a relative path or an IPv6 address does not open. */
export function isLeading(raw: string, start: number, end: number): boolean {
  const next = start + 1 < end ? raw.charCodeAt(start + 1) : 0;
  switch (raw.charCodeAt(start)) {
    case 46:
      return next !== 47 && next !== 46;
    case 45:
    case 43:
      // `-uzn` and `-5` keep their sign; `--` alone and `->` are drawings.
      return !(isLetterCode(next) || isDigitCode(next) || next === 45);
    case 58:
      return next !== 58 || start + 2 >= end || !isHexCode(raw.charCodeAt(start + 2));
    case 61:
    case 64:
      return true;
    default:
      return false;
  }
}
