/** @file What the served process holds at a moment: memory after a collection, handles, its trainer, its files. */
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Serving } from '../helpers/serving.ts';
import type { Collected } from './collect.ts';

export type Measured = Collected & { atMs: number; trainerBytes: number; walBytes: number; databaseBytes: number };

/** Resident size of the process's children: the trainer. Linux only; 0 elsewhere. */
function childrenBytes(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return children
      .map((child) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1] ?? 0) * 1024)
      .reduce((total, size) => total + size, 0);
  } catch {
    return 0; // it ended in between, or the system has no /proc
  }
}

function sizeOf(folder: string, end: string): number {
  return readdirSync(folder)
    .filter((name) => name.endsWith(end))
    .reduce((total, name) => total + statSync(join(folder, name)).size, 0);
}

/** The process must have been started with `collect.ts`. */
export async function measure({ child }: Serving, workspace: string): Promise<Measured> {
  child.send('collect');
  const [collected] = (await once(child, 'message')) as [Collected];
  return {
    ...collected,
    atMs: Date.now(),
    trainerBytes: childrenBytes(child.pid ?? 0),
    walBytes: sizeOf(workspace, '-wal'),
    databaseBytes: sizeOf(workspace, '.db'),
  };
}
