/**
 * @file The alphabet in which byte-level vocabularies are written: GPT-2's one printable character for each of the 256 bytes.
 * Lies in `shared` like all of `bpe/`: import, engine, learning and the trainer tokenise, and none of them may import another.
 */

/** Bytes that stand for themselves: printable ASCII and Latin-1 without the blanks and the soft hyphen. */
const isPrintable = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);

/** The 256 bytes in the order in which GPT-2 numbers them: the printable ones first. */
export const alphabetBytes: readonly number[] = [
  ...Array.from({ length: 256 }, (_, byte) => byte).filter(isPrintable),
  ...Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !isPrintable(byte)),
];

const printableCount = alphabetBytes.findIndex((byte) => !isPrintable(byte));

/** Character of each byte. */
export const byteCharacters: readonly string[] = alphabetBytes
  .map((byte, index) => ({ byte, code: isPrintable(byte) ? byte : 256 + index - printableCount }))
  .sort((a, b) => a.byte - b.byte)
  .map(({ code }) => String.fromCharCode(code));

const byteOfCharacter: ReadonlyMap<string, number> = new Map(
  byteCharacters.map((character, byte) => [character, byte]),
);

/** Bytes of a token as a vocabulary writes it; undefined where it is not written in the alphabet. */
export function bytesOfToken(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let index = 0; index < token.length; index++) {
    const byte = byteOfCharacter.get(token.charAt(index));
    if (byte === undefined) return undefined;
    bytes[index] = byte;
  }
  return bytes;
}
