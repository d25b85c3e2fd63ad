/** @file Whether WebGPU can be had here: through a graphics card, or through a software Vulkan that the environment names. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Asked in a process of its own: a driver that crashes must not take the tests with it. */
export async function webGpuMissing(): Promise<string | null> {
  const probe = fork(fileURLToPath(new URL('gpuProbe.ts', import.meta.url)), {
    stdio: 'ignore',
    execArgv: [],
    timeout: 60_000,
  });
  const code = await new Promise((resolve) => probe.once('exit', (status, signal) => resolve(status ?? signal)));
  if (code === 0) return null;
  const reason =
    'no WebGPU adapter (a graphics driver, or VK_ICD_FILENAMES and LD_LIBRARY_PATH naming a software Vulkan, is needed)';
  process.stderr.write(`Skipped, ${reason}.\n`);
  return reason;
}
