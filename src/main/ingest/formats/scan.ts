/** @file Reading digits, names and severities at a position of a raw line, by character code and without allocation. */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';

export const code = {
  tab: 9,
  space: 32,
  quote: 34,
  open: 40,
  close: 41,
  comma: 44,
  dash: 45,
  dot: 46,
  slash: 47,
  zero: 48,
  nine: 57,
  colon: 58,
  less: 60,
  equals: 61,
  greater: 62,
  upperT: 84,
  upperZ: 90,
  squareOpen: 91,
  backslash: 92,
  squareClose: 93,
  bar: 124,
} as const;

/** A line that fits no format: all of it is message. */
export function plainLine(raw: string, fits: boolean): ParsedLine {
  return {
    fits,
    at: null,
    severity: null,
    host: null,
    process: null,
    processId: null,
    kind: null,
    subject: null,
    user: null,
    message: { start: 0, end: raw.length },
  };
}

/** NaN past the end of the line compares false with everything, so these need no bounds checks. */
export function isDigit(character: number): boolean {
  return character >= 48 && character <= 57;
}

export function isLetter(character: number): boolean {
  return (character >= 97 && character <= 122) || (character >= 65 && character <= 90);
}

/** Value of the two digits at `start`, or NaN. */
export function twoDigits(raw: string, start: number): number {
  const tens = raw.charCodeAt(start) - 48;
  const ones = raw.charCodeAt(start + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Value of exactly `count` digits at `start`, or NaN. */
export function digits(raw: string, start: number, count: number): number {
  let value = 0;
  for (let index = start; index < start + count; index++) {
    const digit = raw.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Index behind the run of digits at `start`. */
export function endOfDigits(raw: string, start: number): number {
  let index = start;
  while (isDigit(raw.charCodeAt(index))) index++;
  return index;
}

export function skipSpaces(raw: string, start: number): number {
  let index = start;
  for (;;) {
    const character = raw.charCodeAt(index);
    if (character !== code.space && character !== code.tab) return index;
    index++;
  }
}

/** Index of the next space or tab at or behind `start`, or the line's length. */
export function endOfToken(raw: string, start: number): number {
  let index = start;
  while (index < raw.length) {
    const character = raw.charCodeAt(index);
    if (character === code.space || character === code.tab) break;
    index++;
  }
  return index;
}

/** The message span from `start`, without the blanks at both ends. */
export function messageFrom(raw: string, start: number): Span {
  const from = skipSpaces(raw, start);
  let end = raw.length;
  while (end > from) {
    const character = raw.charCodeAt(end - 1);
    if (character !== code.space && character !== code.tab) break;
    end--;
  }
  return { start: from, end };
}

/** Month 1..12 of an English three-letter name at `start`, or 0. Case as written by the C library. */
export function monthAt(raw: string, start: number): number {
  const packed = (raw.charCodeAt(start) << 16) | (raw.charCodeAt(start + 1) << 8) | raw.charCodeAt(start + 2);
  switch (packed) {
    case 0x4a616e:
      return 1;
    case 0x466562:
      return 2;
    case 0x4d6172:
      return 3;
    case 0x417072:
      return 4;
    case 0x4d6179:
      return 5;
    case 0x4a756e:
      return 6;
    case 0x4a756c:
      return 7;
    case 0x417567:
      return 8;
    case 0x536570:
      return 9;
    case 0x4f6374:
      return 10;
    case 0x4e6f76:
      return 11;
    case 0x446563:
      return 12;
    default:
      return 0;
  }
}

const severityWords: ReadonlyMap<string, LineSeverity> = new Map<string, LineSeverity>([
  ['trace', 'debug'],
  ['debug', 'debug'],
  ['verbose', 'debug'],
  ['fine', 'debug'],
  ['finer', 'debug'],
  ['finest', 'debug'],
  ['info', 'info'],
  ['information', 'info'],
  ['informational', 'info'],
  ['notice', 'notice'],
  ['note', 'notice'],
  ['warn', 'warning'],
  ['warning', 'warning'],
  ['err', 'error'],
  ['error', 'error'],
  ['severe', 'error'],
  ['failure', 'error'],
  ['crit', 'critical'],
  ['critical', 'critical'],
  ['alert', 'alert'],
  ['fatal', 'fatal'],
  ['emerg', 'fatal'],
  ['emergency', 'fatal'],
  ['panic', 'fatal'],
]);

/** Bit n is set where some severity word begins with the n-th letter. */
const severityInitials = [...'acdefinpstvw'].reduce((bits, letter) => bits | (1 << (letter.charCodeAt(0) - 97)), 0);

/** Severity named by the word in [start, end), any case; null where it is no severity. */
export function severityOf(raw: string, start: number, end: number): LineSeverity | null {
  const length = end - start;
  if (length < 3 || length > 13 || !isLetter(raw.charCodeAt(start))) return null;
  // The commonest by first letters: a map look-up allocates the word.
  const first = raw.charCodeAt(start) | 32;
  if (
    length === 4 &&
    first === 105 &&
    (raw.charCodeAt(start + 1) | 32) === 110 &&
    (raw.charCodeAt(start + 2) | 32) === 102
  ) {
    return (raw.charCodeAt(start + 3) | 32) === 111 ? 'info' : null;
  }
  if ((severityInitials & (1 << (first - 97))) === 0) return null;
  return severityWords.get(raw.slice(start, end).toLowerCase()) ?? null;
}

/** Severity of a one-letter level (Android, glog); null for other letters. */
export function severityOfLetter(character: number): LineSeverity | null {
  switch (character) {
    case 86: // V
    case 68: // D
    case 84: // T
      return 'debug';
    case 73: // I
      return 'info';
    case 87: // W
      return 'warning';
    case 69: // E
      return 'error';
    case 70: // F
    case 65: // A
      return 'fatal';
    default:
      return null;
  }
}

const bySyslogCode: readonly LineSeverity[] = [
  'fatal',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'info',
  'debug',
];

/** Severity of a syslog priority value (RFC 3164: facility * 8 + severity). */
export function severityOfPriority(priority: number): LineSeverity {
  return bySyslogCode[priority & 7] ?? 'info';
}

/** The index of the `]` that closes the `[` at `start`; -1 where none does in this line and within `longest` characters. */
export function closingBracket(raw: string, start: number, longest: number): number {
  const limit = Math.min(raw.length, start + longest);
  let depth = 0;
  for (let at = start; at < limit; at++) {
    const character = raw.charCodeAt(at);
    if (character === 10) return -1;
    if (character === code.squareOpen) depth++;
    else if (character === code.squareClose && --depth === 0) return at;
  }
  return -1;
}
