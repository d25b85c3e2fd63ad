/** @file Files that are there whole or not at all. */
import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFile } from '../../src/shared/trainerProtocol.ts';

/** Writes beside the target, syncs, then renames over it. Leaves no half-written file behind. */
export async function writeFileAtomic(directory: string, name: string, bytes: Uint8Array): Promise<ModelFile> {
  const target = join(directory, name);
  const temporary = `${target}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
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
