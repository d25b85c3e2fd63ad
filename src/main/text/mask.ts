/** @file The scanner: one pass over a message gives its words and typed placeholders. This file owns the pass; chunks.ts what is in a chunk. */
import type { Span } from '../../shared/lines.ts';
import { bits, classOf, isBlankCode, isLetterCode } from './characters.ts';
import { scanChunk } from './chunks.ts';
import { tokenKinds } from './kinds.ts';
import { endOfDrivePath, kindOfPath } from './paths.ts';
import { Scan } from './scan.ts';
import { Tokens } from './tokens.ts';

export const wordKind = tokenKinds.word;
const backslash = 92;
const colon = 58;

/**
 * Tokens of the message `span` of `raw`, in order and without overlap; what lies between them only separates. Fills and returns `into`
 * where it is given. At most 128 tokens and 16,384 characters; what is behind is one `tail` token.
 */
export function tokenize(raw: string, span: Span, into: Tokens = new Tokens()): Tokens {
  into.length = 0;
  const scan = new Scan(raw, span, into);
  const { limit, end: messageEnd } = scan;
  while (scan.position < limit) {
    const start = scan.position;
    const first = raw.charCodeAt(start);
    let union = classOf(first);
    if (union === bits.separator) {
      skipSeparator(scan, first);
      continue;
    }
    let end = start + 1;
    if (isLetterCode(first) && raw.charCodeAt(end) === colon) {
      const pathEnd = endOfDrivePath(scan, start);
      if (pathEnd > 0 && scan.hasRoom(start)) {
        scan.add(kindOfPath(raw, start, pathEnd), start, pathEnd, 0);
        scan.position = pathEnd;
        scan.lead = 0;
        continue;
      }
    }
    for (; end < limit; end++) {
      const bit = classOf(raw.charCodeAt(end));
      if (bit === bits.separator) break;
      union |= bit;
    }
    scan.position = end;
    scanChunk(scan, start, end, union);
    if (scan.fullAt >= 0) {
      into.add(tokenKinds.tail, scan.fullAt, messageEnd, 0);
      return into;
    }
  }
  if (limit < messageEnd) into.add(tokenKinds.tail, limit, messageEnd, 0);
  return into;
}

function skipSeparator(scan: Scan, character: number): void {
  const { raw, position } = scan;
  scan.position++;
  if (character === 40) {
    if (raw.charCodeAt(position + 1) === 41) emptyBrackets(scan, position);
  } else if (character === backslash && scan.escaped) {
    // `\n`, `\"`, `\\`: both characters only separate. `\u00e9` stands for a letter, its digits are kept as a word.
    const next = raw.charCodeAt(position + 1);
    const isEscape = next === 110 || next === 114 || next === 116 || next === 98 || next === 102 || next === backslash;
    if (isEscape && position + 1 < scan.limit) scan.position++;
  }
}

/** ` () `, where other lines of the template have a value in the brackets. */
function emptyBrackets(scan: Scan, start: number): void {
  const isApart = start > scan.start && isBlankCode(scan.raw.charCodeAt(start - 1)) && start + 2 <= scan.limit;
  if (!isApart || !scan.hasRoom(start)) return;
  scan.add(tokenKinds.none, start, start + 2, 0);
  scan.position = start + 2;
}
