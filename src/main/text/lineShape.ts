/** @file What a line looks like apart from what it says: how long, of which characters. See `shapeNames`. */
import type { Span } from '../../shared/lines.ts';
import { isBlankCode, isDigitCode, isLetterCode } from './characters.ts';
import type { Tokens } from './tokens.ts';

/** Of a longer message the beginning is looked at. */
const mostChars = 16_384;
const knownLogs = 4096;

/**
 * What a code unit counts as, two counters to a number: digits and symbols, capitals and what is beyond ASCII. Every character of every line
 * is looked up, and no counter passes 16 bits.
 */
const upper = 0x1_0000;
const digitsAndSymbols = new Int32Array(0x1_0000);
const capitalsAndBeyond = new Int32Array(0x1_0000).fill(upper);
for (let character = 0; character < 128; character++) {
  const isCapital = character >= 65 && character <= 90;
  const isSymbol = !isDigitCode(character) && !isLetterCode(character) && !isBlankCode(character);
  digitsAndSymbols[character] = isDigitCode(character) ? 1 : isSymbol ? upper : 0;
  capitalsAndBeyond[character] = isCapital ? 1 : 0;
}
/** Characters are told apart by their last ten bits. */
const seenWords = 32;
const smallLetters = 3;

/** Two words of four bytes each, in the order of `shapeNames`; the first is the lowest. */
export class LineShape {
  low = 0;
  high = 0;
  /** A bit for each character that the line has. */
  readonly #seen = new Int32Array(seenWords);

  measure(raw: string, message: Span, tokens: Tokens): void {
    const end = Math.min(message.end, message.start + mostChars);
    const seen = this.#seen.fill(0);
    let first = 0;
    let second = 0;
    let small = 0;
    for (let index = message.start; index < end; index++) {
      const character = raw.charCodeAt(index);
      first += digitsAndSymbols[character] ?? 0;
      second += capitalsAndBeyond[character] ?? 0;
      const word = (character >> 5) & (seenWords - 1);
      const bit = 1 << (character & 31);
      // Most are small letters: kept by themselves, they wait for no memory.
      if (character >> 5 === smallLetters) small |= bit;
      else seen[word] = (seen[word] ?? 0) | bit;
    }
    seen[smallLetters] = (seen[smallLetters] ?? 0) | small;
    let distinct = 0;
    for (let word = 0; word < seenWords; word++) distinct += bitCount(seen[word] ?? 0);
    let longest = 0;
    for (let token = 0; token < tokens.length; token++) {
      longest = Math.max(longest, (tokens.ends[token] ?? 0) - (tokens.starts[token] ?? 0));
    }
    const count = Math.max(1, end - message.start);
    const share = (part: number): number => Math.round((255 * part) / count);
    this.low = pack(
      logOf(message.end - message.start),
      logOf(tokens.length),
      share(first & (upper - 1)),
      share(first >>> 16),
    );
    this.high = pack(share(second & (upper - 1)), share(second >>> 16), logOf(longest), Math.min(255, distinct));
  }
}

function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

function pack(first: number, second: number, third: number, fourth: number): number {
  return first | (second << 8) | (third << 16) | (fourth << 24);
}

const logs = Uint8Array.from({ length: knownLogs }, (_, count) => sixteenLog2(count));

function logOf(count: number): number {
  return logs[count] ?? sixteenLog2(count);
}

function sixteenLog2(count: number): number {
  return Math.min(255, Math.round(16 * Math.log2(1 + count)));
}
