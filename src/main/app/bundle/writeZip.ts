/** @file Writes the ZIP of a bundle as its content comes: each entry hashed on the way, the manifest with the hashes behind all others. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { WholeFile } from '../wholeFile.ts';

export type WrittenEntry = { name: string; sizeBytes: number; sha256: string };

/** `size` where it is known before. Stored as it is unless `isText`. */
export type EntryContent = { name: string; content: AsyncIterable<Uint8Array>; isText: boolean; sizeBytes?: number };

/** The first moment that a ZIP can name. */
const options = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true };

/** `entries` are asked for one after the other. `last` makes the last one of what was written before. Throws what its content and the file throw. */
export async function writeZip(
  file: WholeFile,
  entries: AsyncIterable<EntryContent>,
  last: (written: WrittenEntry[]) => { name: string; bytes: Uint8Array },
): Promise<void> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const failed = new Promise<never>((_resolve, reject) => {
    zip.on('error', reject);
    output.on('error', reject);
  });
  let reading: Readable | undefined;
  const add = ({ name, content, isText, sizeBytes }: EntryContent): Promise<WrittenEntry> =>
    new Promise((resolve, reject) => {
      const stream = Readable.from(
        hashed(content, (facts) => resolve({ name, ...facts })),
        { objectMode: false },
      );
      stream.on('error', reject);
      reading = stream;
      zip.addReadStream(stream, name, {
        ...options,
        compress: isText,
        ...(sizeBytes === undefined ? {} : { size: sizeBytes }),
      });
    });
  const fill = async (): Promise<void> => {
    const written: WrittenEntry[] = [];
    for await (const entry of entries) written.push(await Promise.race([add(entry), failed]));
    const { name, bytes } = last(written);
    zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name, options);
    zip.end();
  };
  const drain = async (): Promise<void> => {
    for await (const chunk of output) await file.write(chunk as Uint8Array);
  };
  const filling = fill();
  const draining = drain();
  try {
    await Promise.race([failed, Promise.all([filling, draining])]);
  } finally {
    output.destroy();
    // Closes the file that was being read.
    reading?.destroy();
    await Promise.allSettled([draining]);
  }
}

async function* hashed(
  content: AsyncIterable<Uint8Array>,
  done: (facts: { sizeBytes: number; sha256: string }) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    sizeBytes += chunk.length;
    // A stream ends at an empty chunk.
    if (chunk.length > 0) yield chunk;
  }
  done({ sizeBytes, sha256: hash.digest('hex') });
}
