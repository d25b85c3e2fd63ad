/** @file A real disk of a few megabytes that a test fills, frees and write-protects: a file system in memory, mounted for it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';

export type SmallDisk = {
  path: string;
  /** Makes it larger. */
  grow: (megabytes: number) => void;
  setWritable: (isWritable: boolean) => void;
};

const mounted: string[] = [];
afterEach(() => {
  for (const path of mounted.splice(0)) {
    spawnSync('umount', ['-l', path]);
    rmSync(path, { recursive: true, force: true });
  }
});

/** Why there can be none here; undefined where there can. */
export const whyNoSmallDisk: string | undefined =
  process.platform !== 'linux' || process.getuid?.() !== 0
    ? 'mounting a small disk takes root on Linux'
    : tryMount()
      ? undefined
      : 'this system lets nobody mount a disk';

export function smallDisk(megabytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'surprisal-disk-'));
  if (!mount(path, `size=${megabytes}m`)) throw new Error('The disk could not be mounted.');
  mounted.push(path);
  const remount = (options: string): void => {
    if (!mount(path, `remount,${options}`)) throw new Error(`The disk could not be mounted again with ${options}.`);
  };
  return {
    path,
    grow: (size) => remount(`size=${size}m`),
    setWritable: (isWritable) => remount(isWritable ? 'rw' : 'ro'),
  };
}

function mount(path: string, options: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]).status === 0;
}

function tryMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'surprisal-disk-'));
  const isMounted = mount(path, 'size=1m');
  if (isMounted) spawnSync('umount', [path]);
  rmSync(path, { recursive: true, force: true });
  return isMounted;
}

/** Takes what is free on a disk but for `leaveBytes`. */
export function fillDisk(disk: string, leaveBytes = 0): void {
  const path = join(disk, 'filling');
  const chunk = Buffer.alloc(64 * 1024);
  let size = 0;
  try {
    for (;;) {
      writeFileSync(path, chunk, { flag: 'a' });
      size += chunk.length;
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  }
  if (leaveBytes > 0) truncateSync(path, Math.max(0, size - leaveBytes));
}
