/** @file JSON lines as a command's output file. */
import { createWriteStream, existsSync, type WriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';

const rowChunk = 1000;

/** Said before the work rather than after it. Leaves what is there as it is, and nothing where there was nothing. */
export async function checkWritable(path: string): Promise<void> {
  const isThere = existsSync(path);
  try {
    await (await open(path, 'a')).close();
  } catch (error) {
    throw new AppError('BAD_INPUT', `The output cannot be written: ${(error as Error).message}`);
  }
  if (!isThere) await rm(path, { force: true });
}

/** JSON lines to a file, a thousand at a time; what cannot be written throws BAD_INPUT at the next write. */
export class RowWriter {
  readonly #stream: WriteStream;
  #failed: Error | undefined;
  #buffer: string[] = [];

  constructor(path: string) {
    this.#stream = createWriteStream(path);
    this.#stream.on('error', (error) => (this.#failed = error));
  }

  async write(row: unknown): Promise<void> {
    this.#buffer.push(JSON.stringify(row));
    if (this.#buffer.length >= rowChunk) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    await new Promise<void>((resolve) => this.#stream.end(() => resolve()));
    this.#check();
  }

  async #flush(): Promise<void> {
    if (this.#buffer.length > 0) {
      const text = `${this.#buffer.join('\n')}\n`;
      this.#buffer = [];
      await new Promise<void>((resolve) => this.#stream.write(text, () => resolve()));
    }
    this.#check();
  }

  #check(): void {
    if (this.#failed) throw new AppError('BAD_INPUT', `The output cannot be written: ${this.#failed.message}`);
  }
}
