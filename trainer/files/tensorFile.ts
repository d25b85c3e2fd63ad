/** @file A safetensors file of any size, read tensor by tensor and never as a whole. */
import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../src/shared/errors.ts';
import { fromBf16, fromF16 } from './floats.ts';
import { lengthBytes, parseHeader, readHeaderLength, shownName, type TensorEntry } from './safetensorsHeader.ts';

/** What is held in memory of a tensor while it is read. A multiple of every element's size. */
const chunkBytes = 8 * 1024 * 1024;

export class TensorFile {
  /** As it is named in messages. */
  readonly name: string;
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly #file: FileHandle;
  readonly #bodyStart: number;

  private constructor(name: string, file: FileHandle, bodyStart: number, entries: readonly TensorEntry[]) {
    this.name = name;
    this.#file = file;
    this.#bodyStart = bodyStart;
    this.entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  /** Reads the header only. Throws MODEL_INVALID with what is wrong with the file. */
  static async open(path: string, name: string): Promise<TensorFile> {
    const file = await open(path, 'r').catch((error: unknown) => {
      throw new AppError('MODEL_INVALID', `${name} cannot be read: ${(error as Error).message}.`, { cause: error });
    });
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new AppError('MODEL_INVALID', `${name} is not a file.`);
      const first = await readAt(file, 0, Math.min(lengthBytes, found.size), name);
      const headerBytes = readHeaderLength(first, found.size, name);
      const bodyStart = lengthBytes + headerBytes;
      const header = await readAt(file, lengthBytes, headerBytes, name);
      return new TensorFile(name, file, bodyStart, parseHeader(header, found.size - bodyStart, name));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Where in the file the data of `entry` starts, in bytes. */
  offsetOf(entry: TensorEntry): number {
    return this.#bodyStart + entry.start;
  }

  /** The tensor's elements in order, some million at a time. Throws MODEL_INVALID for types other than F32, F16, BF16, and for NaN and infinity. */
  async *floats(entry: TensorEntry): AsyncGenerator<Float32Array> {
    for (let at = entry.start; at < entry.end; at += chunkBytes) {
      const bytes = await readAt(
        this.#file,
        this.#bodyStart + at,
        Math.min(chunkBytes, entry.end - at),
        `${this.name}, tensor ${shownName(entry.name)},`,
      );
      const values = this.#decode(entry, bytes);
      if (!values.every(Number.isFinite)) {
        throw new AppError(
          'MODEL_INVALID',
          `${this.name}: tensor ${shownName(entry.name)} holds infinity or what is no number; its training has failed.`,
        );
      }
      yield values;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #decode({ name, type }: TensorEntry, bytes: Uint8Array): Float32Array {
    if (type === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    if (type === 'F16') return fromF16(bytes);
    if (type === 'BF16') return fromBf16(bytes);
    throw new AppError(
      'MODEL_INVALID',
      `${this.name}: tensor ${shownName(name)} is ${type}; weights are read as F32, F16 or BF16.`,
    );
  }
}

/** A fresh buffer of exactly `length` bytes. */
async function readAt(file: FileHandle, position: number, length: number, what: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new AppError('MODEL_INVALID', `${what} ended while it was read; it was cut short.`);
    done += bytesRead;
  }
  return bytes;
}
