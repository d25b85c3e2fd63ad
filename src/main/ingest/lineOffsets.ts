/** @file Where lines begin in a file that was read before, and the SHA-256 of the file as it is now. One pass, as importing reads it. */
import { createHash } from 'node:crypto';
import { readTextBytes } from './bytes.ts';
import { openRegularFile } from './file.ts';

export type LocatedLines = {
  sha256: string;
  /** Bytes before each line, in the order asked for: of the unpacked text where the file is gzip. Null: no such line, or the file is UTF-16. */
  offsets: (number | null)[];
};

const lineFeed = 10;
const carriageReturn = 13;

/** `lineNumbers` count from 1, in any order. Throws as `openRegularFile`, and CANCELLED. */
export async function locateLines(
  path: string,
  lineNumbers: readonly number[],
  signal: AbortSignal,
): Promise<LocatedLines> {
  const wanted = new Map<number, number | null>(lineNumbers.map((line) => [line, null]));
  const hash = createHash('sha256');
  const { handle } = await openRegularFile(path);
  try {
    let line = 1;
    let offset = 0;
    let isWide = false;
    let isAtStart = true;
    let isAfterReturn = false;
    for await (const { bytes, encoding } of readTextBytes(handle, path, {
      signal,
      onRead: (read) => hash.update(read),
    })) {
      isWide ||= encoding !== undefined && encoding !== 'utf-8';
      for (let at = 0; at < bytes.length; at++) {
        const byte = bytes[at];
        const endsPair = isAfterReturn && byte === lineFeed;
        isAfterReturn = byte === carriageReturn;
        if (endsPair) continue;
        if (isAtStart && wanted.has(line)) wanted.set(line, offset + at);
        isAtStart = byte === lineFeed || byte === carriageReturn;
        if (isAtStart) line++;
      }
      offset += bytes.length;
    }
    const offsets = lineNumbers.map((number) => wanted.get(number) ?? null);
    return {
      sha256: hash.digest('hex'),
      offsets: offsets.map((found) => (isWide ? null : found)),
    };
  } finally {
    await handle.close();
  }
}
