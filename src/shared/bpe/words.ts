/**
 * @file Where GPT-2's pre-tokenizer cuts text into words: what its pattern
 * `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` finds, without a match object per word.
 * Merges never cross a cut. What is a letter, a number or a blank is what JavaScript's patterns say, as in `@huggingface/tokenizers`;
 * Rust's differ in two blanks (U+0085 is one there, U+FEFF is not).
 */

const classes = { other: 0, blank: 1, letter: 2, number: 3 } as const;

/** Class of each UTF-16 unit that is a character by itself; surrogates are `other`. */
const unitClasses = new Uint8Array(0x10000);
let everyUnit = '';
for (let unit = 0; unit < 0x10000; unit++) everyUnit += String.fromCharCode(unit);
for (const [pattern, found] of [
  [/\s+/gu, classes.blank],
  [/\p{L}+/gu, classes.letter],
  [/\p{N}+/gu, classes.number],
] as const) {
  for (const { 0: run, index } of everyUnit.matchAll(pattern)) unitClasses.fill(found, index, index + run.length);
}

const quote = 39;
const space = 32;

/** End of the word that starts at `start`; `end` is at most the text’s. Looks at nothing from `end` on: a cut there is the end of the text. */
export function endOfWord(text: string, start: number, end: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) {
    const contraction = endOfContraction(text, start, end);
    if (contraction > 0) return contraction;
  }
  if (first === space && start + 1 < end) {
    const next = classAt(text, start + 1, end);
    if (next !== classes.blank) return endOfRun(text, start + 1, end, next);
  }
  const found = classAt(text, start, end);
  const runEnd = endOfRun(text, start, end, found);
  // The last blank before a word belongs to that word, or stands alone where it is no space.
  if (found === classes.blank && runEnd < end && runEnd > start + 1) return runEnd - 1;
  return runEnd;
}

function endOfContraction(text: string, start: number, end: number): number {
  if (start + 1 >= end) return 0;
  const second = text.charAt(start + 1);
  if (second === 's' || second === 't' || second === 'm' || second === 'd') return start + 2;
  if (start + 2 >= end) return 0;
  const third = text.charAt(start + 2);
  const isLong = (third === 'e' && (second === 'r' || second === 'v')) || (third === 'l' && second === 'l');
  return isLong ? start + 3 : 0;
}

function endOfRun(text: string, start: number, end: number, found: number): number {
  let position = start;
  while (position < end) {
    const unit = text.charCodeAt(position);
    if (!isPairAt(text, position, end, unit)) {
      if (unitClasses[unit] !== found) break;
      position++;
    } else {
      if (classOfPair(text, position) !== found) break;
      position += 2;
    }
  }
  return position;
}

function classAt(text: string, position: number, end: number): number {
  const unit = text.charCodeAt(position);
  return isPairAt(text, position, end, unit) ? classOfPair(text, position) : (unitClasses[unit] ?? classes.other);
}

/** Whether a surrogate pair stands at `position`, whole before `end`. */
function isPairAt(text: string, position: number, end: number, unit: number): boolean {
  if (unit < 0xd800 || unit > 0xdbff || position + 1 >= end) return false;
  const low = text.charCodeAt(position + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}

function classOfPair(text: string, position: number): number {
  const character = text.slice(position, position + 2);
  if (/\p{L}/u.test(character)) return classes.letter;
  return /\p{N}/u.test(character) ? classes.number : classes.other;
}
