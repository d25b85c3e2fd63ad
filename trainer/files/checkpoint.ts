/**
 * @file Checkpoints on disk: one file each, whole or refused, the two newest kept. Knows bytes and names, not what the numbers mean.
 * Layout: magic, header length (u32), header (JSON), the arrays' bytes, sha-256 of everything before. Little-endian.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, syncDirectory } from './atomic.ts';
import { writingTo } from './diskErrors.ts';

/** Eight bytes; the last is the layout's version. */
const magic = new TextEncoder().encode('SURPCKP1');
const hashBytes = 32;
const largestHeaderBytes = 16 * 1024 * 1024;
const chunkBytes = 16 * 1024 * 1024;
const kept = 2;
const namePattern = /^step-(\d{12})\.checkpoint$/;

type Header = { fingerprint: string; sizes: number[]; state: unknown };

export class CheckpointFolder {
  readonly #directory: string;
  readonly #fingerprint: string;

  /** `fingerprint` says which input the checkpoints belong to; those of others are refused. */
  constructor(directory: string, fingerprint: string) {
    this.#directory = directory;
    this.#fingerprint = fingerprint;
  }

  /** Durable when it returns. Older ones than the one before go then, so that there is always a whole one. */
  write(step: number, state: unknown, arrays: readonly Float32Array[]): Promise<void> {
    return writingTo(this.#directory, () => this.#write(step, state, arrays));
  }

  async #write(step: number, state: unknown, arrays: readonly Float32Array[]): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const header: Header = { fingerprint: this.#fingerprint, sizes: arrays.map(({ length }) => length), state };
    const json = new TextEncoder().encode(JSON.stringify(header));
    const lengths = new Uint8Array(Uint32Array.of(json.length).buffer);
    await replaceFile(join(this.#directory, nameOf(step)), async (file) => {
      const hash = createHash('sha256');
      const parts = [magic, lengths, json, ...arrays.map(bytesOf)];
      for (const part of parts) {
        for (let at = 0; at < part.length; at += chunkBytes) {
          const chunk = part.subarray(at, at + chunkBytes);
          hash.update(chunk);
          await file.writeFile(chunk);
        }
      }
      await file.writeFile(hash.digest());
    });
    await syncDirectory(this.#directory);
    // What lies above this step is of a run that was given up: newer by name only.
    const others = (await this.#steps()).filter((other) => other !== step);
    const before = others.filter((other) => other < step).slice(0, kept - 1);
    const names = others.filter((other) => !before.includes(other)).map(nameOf);
    const cutOff = (await readdir(this.#directory)).filter((name) => name.endsWith('.checkpoint.tmp'));
    for (const name of [...names, ...cutOff]) await rm(join(this.#directory, name), { force: true });
  }

  /**
   * Fills `arrays` from the newest whole checkpoint of this input and returns its state; null where there is none. `refused` counts the
   * newer ones that were cut short, changed or foreign; they are left for the next write to remove.
   */
  async read(
    arrays: readonly Float32Array[],
  ): Promise<{ state: unknown; refused: number } | { state: null; refused: number }> {
    let refused = 0;
    for (const step of await this.#steps()) {
      const state = await this.#readOne(join(this.#directory, nameOf(step)), arrays);
      if (state !== null) return { state, refused };
      refused++;
    }
    return { state: null, refused };
  }

  async #readOne(path: string, arrays: readonly Float32Array[]): Promise<unknown> {
    const file = await open(path, 'r').catch(() => undefined);
    if (!file) return null;
    try {
      const header = await this.#verified(file);
      if (!header || header.sizes.length !== arrays.length) return null;
      if (!arrays.every((array, index) => array.length === header.sizes[index])) return null;
      for (const [index, array] of arrays.entries()) await readExactly(file, bytesOf(array), header.starts[index] ?? 0);
      return header.state;
    } finally {
      await file.close();
    }
  }

  /** The header, once the whole file has the hash that it ends with and says that it is of this input. */
  async #verified(file: FileHandle): Promise<(Header & { starts: number[] }) | null> {
    const { size } = await file.stat();
    const start = new Uint8Array(magic.length + 4);
    if (size < start.length + hashBytes) return null;
    await readExactly(file, start, 0);
    if (magic.some((byte, index) => start[index] !== byte)) return null;
    const headerBytes = new DataView(start.buffer).getUint32(magic.length, true);
    if (headerBytes > Math.min(largestHeaderBytes, size - start.length - hashBytes)) return null;
    const hash = createHash('sha256');
    const chunk = new Uint8Array(Math.min(chunkBytes, size));
    for (let at = 0; at < size - hashBytes; at += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, size - hashBytes - at));
      await readExactly(file, part, at);
      hash.update(part);
    }
    const stored = new Uint8Array(hashBytes);
    await readExactly(file, stored, size - hashBytes);
    if (!hash.digest().equals(stored)) return null;
    const json = new Uint8Array(headerBytes);
    await readExactly(file, json, start.length);
    const header = JSON.parse(new TextDecoder().decode(json)) as Header; // our own, by its hash
    if (header.fingerprint !== this.#fingerprint) return null;
    let at = start.length + headerBytes;
    const starts = header.sizes.map((length) => (at += 4 * length) - 4 * length);
    return { ...header, starts };
  }

  /** Newest first. */
  async #steps(): Promise<number[]> {
    const names = await readdir(this.#directory).catch(() => []);
    return names
      .flatMap((name) => namePattern.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }
}

function nameOf(step: number): string {
  return `step-${String(step).padStart(12, '0')}.checkpoint`;
}

function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

async function readExactly(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < into.length;) {
    const { bytesRead } = await file.read(into, at, Math.min(chunkBytes, into.length - at), position + at);
    if (bytesRead === 0) throw new Error('The file ended while it was read.');
    at += bytesRead;
  }
}
