/** @file A safetensors file of F32 tensors written piece by piece, whole or not at all. */
import { createHash, type Hash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFile } from '../../src/shared/trainerProtocol.ts';
import { writeHeader } from './safetensors.ts';

export type TensorPlan = { name: string; dims: readonly number[] };

export class TensorWriter {
  readonly #directory: string;
  readonly #name: string;
  readonly #file: FileHandle;
  readonly #hash: Hash;
  readonly #wholeBytes: number;
  #doneBytes = 0;

  private constructor(directory: string, name: string, file: FileHandle, wholeBytes: number) {
    this.#directory = directory;
    this.#name = name;
    this.#file = file;
    this.#hash = createHash('sha256');
    this.#wholeBytes = wholeBytes;
  }

  /** The tensors' elements are then given to `write`, all of them, in this order. */
  static async create(directory: string, name: string, tensors: readonly TensorPlan[]): Promise<TensorWriter> {
    // What transformers looks for: the framework that the layout follows.
    const header = writeHeader(tensors, { format: 'pt' });
    const elements = tensors.reduce((total, { dims }) => total + dims.reduce((product, n) => product * n, 1), 0);
    const file = await open(join(directory, `${name}.tmp`), 'w');
    const writer = new TensorWriter(directory, name, file, header.length + 4 * elements);
    try {
      await writer.#append(header);
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    return writer;
  }

  async write(values: Float32Array): Promise<void> {
    await this.#append(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  async finish(): Promise<ModelFile> {
    if (this.#doneBytes !== this.#wholeBytes)
      throw new Error(`${this.#name} has ${this.#doneBytes} bytes of ${this.#wholeBytes}.`);
    await this.#file.sync();
    await this.#file.close();
    const target = join(this.#directory, this.#name);
    await rename(`${target}.tmp`, target);
    return { name: this.#name, sizeBytes: this.#doneBytes, sha256: this.#hash.digest('hex') };
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(join(this.#directory, `${this.#name}.tmp`), { force: true });
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await this.#file.writeFile(bytes);
    this.#doneBytes += bytes.length;
  }
}
