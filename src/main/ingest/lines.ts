/** @file Files -> batches of lines. Owns splitting and decoding; bytes.ts unpacks, file.ts opens. Runs in the ingest thread. */
import { isAscii, isUtf8 } from 'node:buffer';
import type { Hash } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import type { TextEncoding } from '../../shared/lines.ts';
import { describeBinary } from './binary.ts';
import { readTextBytes } from './bytes.ts';
import { decodeWindows1252, guessEncoding } from './encoding.ts';
import { openRegularFile, refuseChanged } from './file.ts';

export type LineBatch = {
  /** Number of `lines[0]` in the file, from 1. */
  firstLineNumber: number;
  lines: string[];
  /**
   * Exact bytes of the lines that are no valid UTF-8, by index in `lines`. Their text is read as Windows-1252 where `encoding` is that,
   * else it has U+FFFD in place of bad bytes.
   */
  rawBytes: Map<number, Uint8Array>;
  /** What the file has shown itself to be so far. */
  encoding: TextEncoding;
  /** How many of `lines` are pieces of a line that was too long to keep whole. */
  cutLines: number;
  /** Bytes of the file on disk that have been read, and its size when it was opened. */
  bytesRead: number;
  sizeBytes: number;
};

export type ReadLinesOptions = {
  signal: AbortSignal;
  /** Most lines in a batch. */
  batchLines?: number;
  /** Fed with the bytes of the file on disk as they are read: what is hashed is what was read. */
  hash?: Hash;
};

const defaultBatchLines = 8192;
/** A line longer than this is cut into pieces: a file without line ends must not fill the memory. */
const longestLineBytes = 64 << 20;
const lineFeed = 10;
const carriageReturn = 13;

/**
 * Streams the lines of a plain or gzip file. LF, CRLF and a lone CR end a line; the last line needs no end. Throws NOT_FOUND
 * or BAD_INPUT for what cannot be read as text, BAD_INPUT behind the last good line of a damaged gzip file or of one that was changed
 * meanwhile, and CANCELLED.
 */
export async function* readLines(path: string, options: ReadLinesOptions): AsyncGenerator<LineBatch> {
  const { signal } = options;
  const file = await openRegularFile(path);
  const { handle, sizeBytes } = file;
  let bytesOnDisk = 0;
  const onRead = (bytes: Uint8Array): void => {
    bytesOnDisk += bytes.length;
    options.hash?.update(bytes);
  };
  const splitter = new LineSplitter(options.batchLines ?? defaultBatchLines, sizeBytes);
  try {
    let checked = false;
    try {
      for await (const { bytes, bytesRead, encoding } of readTextBytes(handle, path, { signal, onRead })) {
        if (!checked && bytes.length > 0) {
          const binary = describeBinary(bytes.subarray(0, 64 << 10));
          if (binary !== null) throw new AppError('BAD_INPUT', `${path} ${binary}`);
          checked = true;
        }
        yield* splitter.push(bytes, bytesRead, encoding);
      }
      await refuseChanged(file, path, bytesOnDisk);
    } catch (error) {
      if (error instanceof AppError && error.code === 'BAD_INPUT') yield* splitter.finish();
      throw error;
    }
    yield* splitter.finish();
  } finally {
    await handle.close();
  }
}

/** Lines of bytes that end with a line's end, or with the last line of a file. `encoding`: what those before them had shown, null for nothing. */
export type SplitLines = Pick<LineBatch, 'lines' | 'rawBytes'> & { encoding: TextEncoding | null };

/** The same lines as `readLines` gives, of a piece of a file that grows. */
export function splitLines(bytes: Buffer, encoding: TextEncoding | null, isAtStart: boolean): SplitLines {
  const splitter = new LineSplitter(Infinity, bytes.length, { encoding, isAtStart });
  const batches = [...splitter.push(bytes, bytes.length, undefined), ...splitter.finish()];
  const [first, last] = batches;
  if (!first) return { lines: [], rawBytes: new Map(), encoding: splitter.encoding };
  // What `finish` adds is a line without an end.
  last?.rawBytes.forEach((raw, index) => first.rawBytes.set(first.lines.length + index, raw));
  if (last) first.lines.push(...last.lines);
  return { lines: first.lines, rawBytes: first.rawBytes, encoding: splitter.encoding };
}

/** Cuts chunks of bytes at line ends and decodes the lines. A CR at the end of a chunk waits for the LF that may follow. */
class LineSplitter {
  readonly #batchLines: number;
  readonly #sizeBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #afterCarriageReturn = false;
  #atStart: boolean;
  #lineNumber = 1;
  #bytesRead = 0;
  /** Null until bytes beyond ASCII have said. */
  #encoding: TextEncoding | null;
  #batch: LineBatch;

  constructor(
    batchLines: number,
    sizeBytes: number,
    goesOn: { encoding: TextEncoding | null; isAtStart: boolean } = { encoding: null, isAtStart: true },
  ) {
    this.#batchLines = Math.max(1, batchLines);
    this.#sizeBytes = sizeBytes;
    this.#encoding = goesOn.encoding;
    this.#atStart = goesOn.isAtStart;
    this.#batch = this.#emptyBatch();
  }

  get encoding(): TextEncoding | null {
    return this.#encoding;
  }

  *push(chunk: Buffer, bytesRead: number, encoding: TextEncoding | undefined): Generator<LineBatch> {
    this.#bytesRead = bytesRead;
    this.#encoding ??= encoding ?? null;
    let bytes = chunk;
    if (this.#atStart && bytes.length > 0) {
      this.#atStart = false;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    }
    if (this.#afterCarriageReturn && bytes.length > 0) {
      this.#afterCarriageReturn = false;
      if (bytes[0] === lineFeed) bytes = bytes.subarray(1);
    }
    // ASCII decodes fastest and needs no check per line; the pending part may be anything.
    const ascii = isAscii(bytes);
    if (!ascii) this.#encoding ??= guessEncoding(bytes);
    let start = 0;
    let nextReturn = bytes.indexOf(carriageReturn);
    let nextFeed = bytes.indexOf(lineFeed);
    while (nextFeed >= 0 || nextReturn >= 0) {
      const byReturn = nextReturn >= 0 && (nextFeed < 0 || nextReturn < nextFeed);
      const end = byReturn ? nextReturn : nextFeed;
      this.#addLine(bytes, start, end, ascii);
      start = end + 1;
      if (byReturn) {
        if (start === nextFeed) start = nextFeed + 1;
        else if (start === bytes.length) this.#afterCarriageReturn = true;
        nextReturn = bytes.indexOf(carriageReturn, start);
      }
      if (nextFeed >= 0 && nextFeed < start) nextFeed = bytes.indexOf(lineFeed, start);
      if (this.#batch.lines.length >= this.#batchLines) yield this.#takeBatch();
    }
    if (start < bytes.length) {
      this.#pending.push(bytes.subarray(start));
      this.#pendingBytes += bytes.length - start;
      if (this.#pendingBytes > longestLineBytes) {
        this.#batch.cutLines++;
        this.#addPending();
      }
    }
    if (this.#batch.lines.length > 0) yield this.#takeBatch();
  }

  *finish(): Generator<LineBatch> {
    if (this.#pendingBytes > 0) this.#addPending();
    if (this.#batch.lines.length > 0) yield this.#takeBatch();
  }

  #addLine(bytes: Buffer, start: number, end: number, ascii: boolean): void {
    if (this.#pendingBytes > 0) {
      this.#pending.push(bytes.subarray(start, end));
      this.#pendingBytes += end - start;
      this.#addPending();
    } else if (ascii) {
      this.#batch.lines.push(bytes.toString('latin1', start, end));
    } else {
      this.#decode(bytes.subarray(start, end));
    }
  }

  #addPending(): void {
    const bytes = this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (bytes !== undefined) this.#decode(bytes);
  }

  #decode(bytes: Buffer): void {
    const { lines, rawBytes } = this.#batch;
    if (isUtf8(bytes)) {
      lines.push(bytes.toString('utf8'));
      return;
    }
    rawBytes.set(lines.length, Uint8Array.from(bytes));
    lines.push(this.#encoding === 'windows-1252' ? decodeWindows1252(bytes) : bytes.toString('utf8'));
  }

  #takeBatch(): LineBatch {
    const batch = this.#batch;
    batch.bytesRead = this.#bytesRead;
    batch.encoding = this.#encoding ?? 'utf-8';
    this.#lineNumber += batch.lines.length;
    this.#batch = this.#emptyBatch();
    return batch;
  }

  #emptyBatch(): LineBatch {
    return {
      firstLineNumber: this.#lineNumber,
      lines: [],
      rawBytes: new Map(),
      encoding: 'utf-8',
      cutLines: 0,
      bytesRead: this.#bytesRead,
      sizeBytes: this.#sizeBytes,
    };
  }
}
