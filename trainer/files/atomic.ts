/** @file Files that are there whole or not at all. */
import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFile } from '../../src/shared/trainerProtocol.ts';

/** Lets `write` fill a file beside the target, syncs it, then renames it over the target. Leaves no half-written file behind. */
export async function replaceFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export async function writeFileAtomic(directory: string, name: string, bytes: Uint8Array): Promise<ModelFile> {
  await replaceFile(join(directory, name), (file) => file.writeFile(bytes));
  return { name, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Makes the renames in `directory` durable. Windows cannot open a folder; its file system journals the rename. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
