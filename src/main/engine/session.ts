/** @file ONNX Runtime sessions as the engine wants them: on a named provider, quiet, and kept from the allocation that ends an Electron process. */
import * as ort from 'onnxruntime-node';
import type { ProviderName } from '../../shared/engineProtocol.ts';

/** What the engine uses of a session. */
export type Session = Pick<ort.InferenceSession, 'inputNames' | 'outputNames' | 'run' | 'release'>;

export type OpenSession = (bytes: Uint8Array, provider: ProviderName, intraOpThreads: number) => Promise<Session>;

/** From bytes, not by path: a model file then cannot refer to other files on the machine as its external data. */
export const openSession: OpenSession = (bytes, provider, intraOpThreads) => {
  // What goes wrong is thrown; the runtime's own log, which names paths, is not needed.
  ort.env.logLevel = 'fatal';
  return ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableCpuMemArena: false, // both off: one allocation of 2 GiB ends an Electron process (trainer.md 7)
    enableMemPattern: false,
    logSeverityLevel: 4,
    // Softmax makes many denormal numbers where tokens are masked, and they are slow.
    extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } },
  });
};

export function runtimeVersion(): string {
  return ort.env.versions.node ?? ort.env.versions.common;
}

/** What a failure to open a session says of a provider that this machine does not have; undefined where it says something else. */
export function absenceOf(error: unknown): string | undefined {
  const text = String(error);
  if (/backend not found/i.test(text)) return 'ONNX Runtime does not bring it for this system.';
  if (/WebGPU adapter|No supported adapters/i.test(text)) {
    return 'No graphics adapter was found. On Linux, Vulkan must be there: the package libvulkan1 and a driver.';
  }
  if (/Failed to load shared library|cannot open shared object|LoadLibrary failed/i.test(text)) {
    return 'Its libraries are not installed.';
  }
  if (/no CUDA-capable device|insufficient.*driver|CUDA failure (35|100)\b/i.test(text))
    return 'No CUDA device was found.';
  return undefined;
}
