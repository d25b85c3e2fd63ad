/** @file How long something takes, and for how long at most main answered nothing else meanwhile. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export async function timed(work: () => Promise<unknown>): Promise<{ seconds: number; mainMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  // What was read last is counted at the next turn.
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  return { seconds, mainMs: delay.max / 1e6 };
}
