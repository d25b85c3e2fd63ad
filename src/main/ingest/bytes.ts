/** @file A source file as a stream of text bytes: gzip unpacked, UTF-16 turned into UTF-8, with the place reached on disk. */
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';
import type { TextEncoding } from '../../shared/lines.ts';
import { readChunk, throwIfAborted } from './file.ts';

/** The first chunk is small so that the first lines are on screen at once. */
const firstChunkBytes = 64 << 10;
const chunkBytes = 1 << 20;
/** Unpacking is fed this much at a time: at deflate's limit of 1032 : 1 one piece of output stays below 17 MB. */
const packedChunkBytes = 16 << 10;

/**
 * `bytes` may be empty and belongs to the receiver; `bytesRead` counts bytes of the file on disk. `encoding` is the one that a byte order
 * mark named: the bytes are UTF-8 by now.
 */
export type ByteChunk = { bytes: Buffer; bytesRead: number; encoding?: TextEncoding };

export type ReadBytesOptions = {
  signal: AbortSignal;
  /** Sees the bytes of the file on disk, in order. */
  onRead: (bytes: Uint8Array) => void;
};

export async function* readTextBytes(
  handle: FileHandle,
  path: string,
  options: ReadBytesOptions,
): AsyncGenerator<ByteChunk> {
  const onDisk = readDisk(handle, path, options);
  const first = await onDisk.next();
  if (first.done === true) return;
  const isGzip = first.value.bytes[0] === 0x1f && first.value.bytes[1] === 0x8b;
  const packed = prepend(first.value, onDisk);
  const chunks = isGzip ? unpack(packed, path) : packed;
  let wide: { encoding: TextEncoding; decoder: TextDecoder } | null | undefined;
  let bytesRead = 0;
  for await (const chunk of chunks) {
    bytesRead = chunk.bytesRead;
    if (wide === undefined && chunk.bytes.length > 0) wide = utf16Of(chunk.bytes);
    if (!wide) yield chunk;
    else {
      const text = wide.decoder.decode(chunk.bytes, { stream: true });
      yield { bytes: Buffer.from(text, 'utf8'), bytesRead, encoding: wide.encoding };
    }
  }
  // Half a character at the end shows as U+FFFD.
  if (wide) yield { bytes: Buffer.from(wide.decoder.decode(), 'utf8'), bytesRead, encoding: wide.encoding };
}

async function* readDisk(
  handle: FileHandle,
  path: string,
  { signal, onRead }: ReadBytesOptions,
): AsyncGenerator<ByteChunk> {
  let bytesRead = 0;
  let size = firstChunkBytes;
  for (;;) {
    throwIfAborted(signal, path);
    const buffer = Buffer.allocUnsafeSlow(size);
    const bytes = await readChunk(handle, path, buffer);
    if (bytes === 0) return;
    bytesRead += bytes;
    onRead(buffer.subarray(0, bytes));
    yield { bytes: buffer.subarray(0, bytes), bytesRead };
    size = chunkBytes;
  }
}

async function* prepend(first: ByteChunk, rest: AsyncGenerator<ByteChunk>): AsyncGenerator<ByteChunk> {
  yield first;
  yield* rest;
}

/** Yields all that could be unpacked before it throws BAD_INPUT for a file that is cut off or damaged. */
async function* unpack(chunks: AsyncGenerator<ByteChunk>, path: string): AsyncGenerator<ByteChunk> {
  const gunzip = createGunzip();
  const ending: { failure: Error | null } = { failure: null };
  let wake: () => void = () => {};
  let output: Buffer[] = [];
  gunzip.on('data', (bytes: Buffer) => output.push(bytes));
  gunzip.on('error', (error) => {
    ending.failure = error;
    wake();
  });
  const step = (act: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      act(resolve);
    });
  const take = (bytesRead: number): ByteChunk => {
    const bytes = output.length === 1 ? (output[0] ?? Buffer.alloc(0)) : Buffer.concat(output);
    output = [];
    return { bytes, bytesRead };
  };
  let bytesRead = 0;
  try {
    for await (const chunk of chunks) {
      const before = chunk.bytesRead - chunk.bytes.length;
      for (let start = 0; start < chunk.bytes.length && ending.failure === null; start += packedChunkBytes) {
        const piece = chunk.bytes.subarray(start, start + packedChunkBytes);
        await step((done) => gunzip.write(piece, () => done()));
        bytesRead = before + start + piece.length;
        if (output.length > 0) yield take(bytesRead);
      }
      if (ending.failure !== null) break;
    }
    // The end is announced only now: a stream that was told so earlier drops what it had unpacked when it finds it cut off.
    if (ending.failure === null) {
      await step((done) => {
        gunzip.once('end', done);
        gunzip.end();
      });
    }
    if (output.length > 0) yield take(bytesRead);
    if (ending.failure !== null) throw unpackError(path, ending.failure);
  } finally {
    gunzip.destroy();
  }
}

function unpackError(path: string, cause: Error): AppError {
  const cutOff = 'code' in cause && cause.code === 'Z_BUF_ERROR';
  const what = cutOff
    ? 'is cut off: its gzip data ends too early'
    : 'is damaged: its gzip data cannot be unpacked further';
  return new AppError(
    'BAD_INPUT',
    `${path} ${what}. The lines before that were read; copy the file again for the rest.`,
    {
      cause,
    },
  );
}

/** The encoding and its decoder where `start` opens with a byte order mark of UTF-16, else null. */
function utf16Of(start: Buffer): { encoding: TextEncoding; decoder: TextDecoder } | null {
  const littleEndian = start[0] === 0xff && start[1] === 0xfe;
  const bigEndian = start[0] === 0xfe && start[1] === 0xff;
  if (!littleEndian && !bigEndian) return null;
  const encoding = littleEndian ? 'utf-16le' : 'utf-16be';
  return { encoding, decoder: new TextDecoder(encoding) };
}
