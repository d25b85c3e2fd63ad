/** @file Log text in pieces, with a mark for each character that hides, reorders or commands. It goes through here before it becomes a text node. */
import { isHidden, markOf } from '../../shared/hidden.ts';

/** `mark` is what to print in the character's place; null: `text` is safe to print as it is. */
export type Piece = { text: string; mark: string | null };

/** Abbreviations of the C0 controls: few fonts have Unicode's pictures of them. */
// prettier-ignore
const controlNames = [
  'NUL', 'SOH', 'STX', 'ETX', 'EOT', 'ENQ', 'ACK', 'BEL', 'BS', 'TAB', 'LF', 'VT', 'FF', 'CR', 'SO', 'SI',
  'DLE', 'DC1', 'DC2', 'DC3', 'DC4', 'NAK', 'SYN', 'ETB', 'CAN', 'EM', 'SUB', 'ESC', 'FS', 'GS', 'RS', 'US',
];

/** A quick look that settles almost every line: printable ASCII needs no second one. */
const plainLine = /^[\x20-\x7e]*$/;

/** What a chip shows for a mark: "ESC" for ␛, the mark itself for the rest. */
export function nameOfMark(mark: string): string {
  const codePoint = mark.codePointAt(0) ?? 0;
  if (codePoint === 0x2421) return 'DEL';
  return mark.length === 1 ? (controlNames[codePoint - 0x2400] ?? mark) : mark;
}

/**
 * Splits text into runs that are safe to print and single characters that need a mark. `keepsBreaks`: for text that has lines (notes, events
 * of several lines), whose line feeds and the tabs that indent a line are layout.
 */
export function revealPieces(text: string, keepsBreaks = false): Piece[] {
  if (plainLine.test(text)) return text === '' ? [] : [{ text, mark: null }];
  const pieces: Piece[] = [];
  let run = '';
  /** Behind a line feed and the tabs after it. */
  let isLineStart = false;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    const isIndent: boolean = codePoint === 0x09 && isLineStart;
    isLineStart = codePoint === 0x0a || isIndent;
    if (!isHidden(codePoint) || (keepsBreaks && (codePoint === 0x0a || isIndent))) {
      run += character;
      continue;
    }
    if (run !== '') pieces.push({ text: run, mark: null });
    run = '';
    pieces.push({ text: character, mark: markOf(codePoint) });
  }
  if (run !== '') pieces.push({ text: run, mark: null });
  return pieces;
}

/** The same as one string, for places that cannot hold chips: titles, labels, what screen readers say. */
export function revealText(text: string): string {
  return revealPieces(text)
    .map((piece) => piece.mark ?? piece.text)
    .join('');
}
