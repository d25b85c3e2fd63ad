/** @file Files the user chose, by token: the renderer never sees a path and can name none. */
import { rm, stat } from 'node:fs/promises';
import type { ChosenFile } from '../../shared/sources.ts';
import { AppError } from '../../shared/errors.ts';

export type OfferedFile = ChosenFile & { path: string; isTemporary: boolean; modifiedAt: number };

export class OfferedFiles {
  readonly #files = new Map<string, OfferedFile>();
  /** Paths that a job reads: they outlive the app until it has ended. */
  readonly #needed = new Set<string>();
  readonly #newId: () => string;

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** `isTemporary`: ours to delete once it is imported. Throws NOT_FOUND. */
  async offer(path: string, options: { name: string; isTemporary: boolean }): Promise<ChosenFile> {
    const found = await stat(path).catch(() => undefined);
    if (!found) throw new AppError('NOT_FOUND', `There is no file ${path}. Check the name.`);
    const token = this.#newId();
    this.#files.set(token, { token, ...options, path, sizeBytes: found.size, modifiedAt: found.mtimeMs });
    return { token, name: options.name, sizeBytes: found.size };
  }

  get(token: string): OfferedFile {
    const file = this.#files.get(token);
    if (!file) throw new AppError('NOT_FOUND', 'That file is no longer offered. Open it again.');
    return file;
  }

  setNeeded(path: string, isNeeded: boolean): void {
    if (isNeeded) this.#needed.add(path);
    else this.#needed.delete(path);
  }

  /** Forgets and deletes a file of ours that nobody needs any more. */
  async remove(path: string): Promise<void> {
    for (const [token, file] of this.#files) if (file.path === path) this.#files.delete(token);
    await rm(path, { force: true });
  }

  async close(): Promise<void> {
    const ours = [...this.#files.values()].filter(({ isTemporary, path }) => isTemporary && !this.#needed.has(path));
    await Promise.all(ours.map(({ path }) => this.remove(path)));
  }
}

/** Errors name the file as the user knows it, not where an upload lies. */
export async function namingFile<T>(file: { path: string; name: string }, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AppError) || !error.message.includes(file.path)) throw error;
    throw new AppError(error.code, error.message.replaceAll(file.path, file.name), { cause: error });
  }
}
