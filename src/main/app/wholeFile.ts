/** @file Files for somebody else to read, there whole or not at all: written beside the target, synced, then renamed over it. */
import { constants } from 'node:fs';
import { open, readdir, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export class WholeFile {
  readonly #handle: FileHandle;
  readonly #temporary: string | null;
  readonly #target: string;

  private constructor(handle: FileHandle, temporary: string | null, target: string) {
    this.#handle = handle;
    this.#temporary = temporary;
    this.#target = target;
  }

  /** What an export that was cut off left beside the target goes. A device or a pipe is written to as it is. Throws what the system throws. */
  static async create(path: string): Promise<WholeFile> {
    const found = await stat(path).catch(() => undefined);
    if (found && !found.isFile()) return new WholeFile(await open(path, constants.O_WRONLY), null, path);
    // A link stays a link: what it leads to is replaced.
    const target = found ? await realpath(path) : path;
    await removeLeftovers(target);
    const temporary = `${target}.${process.pid}.unfinished`;
    return new WholeFile(await open(temporary, 'w', found?.mode), temporary, target);
  }

  async write(text: string | Uint8Array): Promise<void> {
    await this.#handle.writeFile(text);
  }

  /** From here on the file is there. */
  async finish(): Promise<void> {
    try {
      if (this.#temporary !== null) await this.#handle.sync();
      await this.#handle.close();
      if (this.#temporary === null) return;
      await rename(this.#temporary, this.#target);
      await syncFolder(dirname(this.#target));
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** What was at the target stays as it was. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    if (this.#temporary !== null) await rm(this.#temporary, { force: true });
  }
}

export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const file = await WholeFile.create(path);
  try {
    await file.write(content);
  } catch (error) {
    await file.discard();
    throw error;
  }
  await file.finish();
}

/** Makes a rename survive a power cut. Windows cannot open a folder; its file system journals the rename. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Files of ours whose process is gone. Where a folder cannot be listed there is none of ours in it. */
async function removeLeftovers(target: string): Promise<void> {
  const prefix = `${basename(target)}.`;
  for (const name of await readdir(dirname(target)).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)\.unfinished$/.exec(name.slice(prefix.length))?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(dirname(target), name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false; // a process of an earlier start had our number
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
