/** @file The most memory that this process and its children had at once, as Linux tells it; elsewhere that of this process alone. */
import { readFileSync } from 'node:fs';
import process from 'node:process';

const lookEveryMs = 200;

export function watchMemory(): { peakMb: () => number } {
  let peakBytes = 0;
  const look = (): void => {
    const children = childrenOf(process.pid).reduce((sum, pid) => sum + residentBytes(pid), 0);
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss() + children);
  };
  setInterval(look, lookEveryMs).unref();
  return {
    peakMb: () => {
      look();
      return Math.max(peakBytes / 2 ** 20, process.resourceUsage().maxRSS / 1024);
    },
  };
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
