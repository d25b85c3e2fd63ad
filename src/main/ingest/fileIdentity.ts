/** @file Which file it is, whatever its name: by device and inode, and by a keyed hash of what stands before the place that reading reached. */
import { realpathSync, statSync, type BigIntStats } from 'node:fs';

/** Where a file was read to, for a later start. */
export type FilePlace = {
  device: string;
  inode: string;
  /** The file itself where the name is a link. */
  realPath: string;
  offsetBytes: number;
  stretchBytes: number;
  stretchHash: string;
};

export function statOf(path: string): BigIntStats | null {
  return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
}

export function isSame(found: BigIntStats | null, { device, inode }: { device: string; inode: string }): boolean {
  return found !== null && String(found.dev) === device && String(found.ino) === inode;
}

export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
