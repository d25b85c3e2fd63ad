/** @file How long something takes, how much processor time of this process with all its threads, and for how long at most main answered nothing else meanwhile. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export async function timed(
  work: () => Promise<unknown>,
): Promise<{ seconds: number; cpuSeconds: number; mainMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  const start = performance.now();
  const used = process.cpuUsage();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(used);
  // What was read last is counted at the next turn.
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  return { seconds, cpuSeconds: (user + system) / 1e6, mainMs: delay.max / 1e6 };
}
