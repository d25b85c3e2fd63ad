/** @file Where lines end in bytes that are not decoded yet. */
import type { TextEncoding } from '../../shared/lines.ts';

const lineFeed = 10;
const carriageReturn = 13;

/** Null where a character is one byte, or UTF-8. */
export function wideOf(start: Buffer): TextEncoding | null {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : null;
}

/** Behind the last line's end, 0 where there is none. A carriage return at the very end may be half of one. */
export function endOfLines(bytes: Buffer, wide: TextEncoding | null): number {
  if (wide === null) {
    const feed = bytes.lastIndexOf(lineFeed) + 1;
    const back = bytes.length < 2 ? 0 : bytes.lastIndexOf(carriageReturn, bytes.length - 2) + 1;
    return Math.max(feed, back);
  }
  const low = wide === 'utf-16le' ? 0 : 1;
  for (let at = bytes.length - (bytes.length % 2) - 2; at >= 0; at -= 2) {
    if (bytes[at + low] === lineFeed && bytes[at + 1 - low] === 0) return at + 2;
  }
  return 0;
}
