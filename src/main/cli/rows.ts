/** @file JSON lines as a command's output file. */
import { AppError } from '../../shared/errors.ts';
import { WholeFile } from '../app/wholeFile.ts';

const rowChunk = 1000;

/** Said before the work rather than after it. Leaves what is there as it is, and nothing where there was nothing. */
export async function checkWritable(path: string): Promise<void> {
  const file = await WholeFile.create(path).catch(refuseOutput);
  await file.discard();
}

function refuseOutput(error: Error): never {
  throw new AppError('BAD_INPUT', `The output cannot be written: ${error.message}`);
}

/** JSON lines to a file that is there when it is closed; a thousand at a time. Throws BAD_INPUT for what cannot be written. */
export class RowWriter {
  readonly #file: WholeFile;
  #buffer: string[] = [];

  private constructor(file: WholeFile) {
    this.#file = file;
  }

  static async open(path: string): Promise<RowWriter> {
    return new RowWriter(await WholeFile.create(path).catch(refuseOutput));
  }

  async write(row: unknown): Promise<void> {
    this.#buffer.push(JSON.stringify(row));
    if (this.#buffer.length >= rowChunk) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#file.finish().catch(refuseOutput);
  }

  /** Leaves what was there before. */
  async discard(): Promise<void> {
    await this.#file.discard();
  }

  async #flush(): Promise<void> {
    if (this.#buffer.length === 0) return;
    const text = `${this.#buffer.join('\n')}\n`;
    this.#buffer = [];
    await this.#file.write(text).catch(async (error: Error) => {
      await this.#file.discard();
      refuseOutput(error);
    });
  }
}
