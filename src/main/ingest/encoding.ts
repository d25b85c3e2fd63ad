/** @file Text that is no UTF-8: whether the bytes look like Windows-1252 (Latin-1 and its quotes), and reading and writing it. */

/** Characters of the bytes 0x80 to 0x9f, where Windows-1252 and Latin-1 differ; five bytes have none and stay controls. */
const upperControls = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const byteOf: ReadonlyMap<string, number> = new Map(
  [...upperControls].map((character, index) => [character, 0x80 + index]),
);

/** One character for every byte, so that the bytes can be had back. */
export function decodeWindows1252(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => upperControls[character.charCodeAt(0) - 0x80] ?? character);
}

/** The bytes of a text that `decodeWindows1252` gave. */
export function encodeWindows1252(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => byteOf.get(character) ?? character.charCodeAt(0));
}

/**
 * Which of the two encodings the bytes beyond ASCII speak for, null where there are none. Windows-1252 only where most of them are no valid
 * UTF-8 and most of those stand beside letters, as text has it: a line of binary rubbish says nothing about a file.
 */
export function guessEncoding(bytes: Uint8Array): 'utf-8' | 'windows-1252' | null {
  let validBytes = 0;
  let badBytes = 0;
  let textBytes = 0;
  for (let index = 0; index < bytes.length;) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x80) {
      index++;
      continue;
    }
    const length = sequenceLength(bytes, index);
    // A sequence that the end of the block cuts off says nothing.
    if (length === cutOff) break;
    if (length > 0) {
      validBytes += length;
      index += length;
      continue;
    }
    badBytes++;
    const isPrintable = byte >= 0xa0 || byteOf.get(upperControls[byte - 0x80] ?? '') !== undefined;
    if (isPrintable && (isWordByte(bytes[index - 1]) || isWordByte(bytes[index + 1]))) textBytes++;
    index++;
  }
  if (validBytes + badBytes === 0) return null;
  return badBytes > validBytes && 2 * textBytes > badBytes ? 'windows-1252' : 'utf-8';
}

const cutOff = -1;

/** Bytes of the UTF-8 sequence at `start`; 0 where there is none, `cutOff` where it may go on behind the end. */
function sequenceLength(bytes: Uint8Array, start: number): number {
  const first = bytes[start] ?? 0;
  const length = first >= 0xf5 || first < 0xc2 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  for (let offset = 1; offset < length; offset++) {
    const next = bytes[start + offset];
    if (next === undefined) return cutOff;
    if ((next & 0xc0) !== 0x80) return 0;
    const isOverlong = offset === 1 && ((first === 0xe0 && next < 0xa0) || (first === 0xf0 && next < 0x90));
    const isNoCharacter = offset === 1 && ((first === 0xed && next > 0x9f) || (first === 0xf4 && next > 0x8f));
    if (isOverlong || isNoCharacter) return 0;
  }
  return length;
}

/** A letter, a digit or a blank. */
function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 32;
  return byte === 32 || (lower >= 97 && lower <= 122) || (byte >= 48 && byte <= 57);
}
