/** @file What the app tells of the scoring engine: which providers there are, what was found out about each, which one runs, and what failed. */
import type { Instant } from './domain.ts';
import type { ProviderName } from './engineProtocol.ts';

/** A thread of main, or a process of its own. */
export type EngineHome = 'thread' | 'process';

/** Refused: it answered with an error or not as the CPU does. Silent: it gave no answer in time. Ended: it took its process down. */
export type EngineFailure = {
  at: Instant;
  provider: ProviderName;
  home: EngineHome;
  how: 'refused' | 'silent' | 'ended';
  reason: string;
};

/** Words for each, as the status bar and the settings show them. */
export const providerLabels: Record<ProviderName, string> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
};
