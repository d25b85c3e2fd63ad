/** @file What the app tells of the scoring engine: which providers there are, what was found out about each, which one runs, and what failed. */
import type { Instant } from './instant.ts';
import type { ProviderName } from './engineProtocol.ts';

/** A thread of main, or a process of its own. */
export type EngineHome = 'thread' | 'process';

/** Refused: it answered with an error or not as the CPU does. Silent: it gave no answer in time. Ended: it took its process down. */
export const failureKinds = ['refused', 'silent', 'ended'] as const;
export type FailureKind = (typeof failureKinds)[number];

export type EngineFailure = {
  at: Instant;
  provider: ProviderName;
  home: EngineHome;
  how: FailureKind;
  reason: string;
};

/** What trying a provider came to. Those that were silent or ended are not tried again until the app, a driver or the system changes. */
export const trialStates = ['agrees', 'differs', 'absent', ...failureKinds] as const;
export type TrialState = (typeof trialStates)[number];

export type Trial = {
  provider: ProviderName;
  state: TrialState;
  at: Instant;
  /** Why it is not used; empty where it agrees. */
  reason: string;
  /** On a warm-up batch of the model; null where it gave no answer. */
  msPerThousandEvents: number | null;
  /** Largest difference from the CPU's log-probabilities. */
  differenceNat: number | null;
  /** Until its sessions were open and had answered once. */
  startMs: number | null;
};

/** What the engine did since the app started, and does now. */
export type EngineFigures = {
  /** Tokens that go through the model in use at once, at the most; null while none is loaded. */
  batchTokens: number | null;
  /** Of key models: tokens asked for, and those of them that had to be computed. The rest came from memory. */
  askedTokens: number;
  computedTokens: number;
  /** Over the last seconds. */
  tokensPerSecond: number;
  /** Tokens of requests that are not answered yet. */
  waitingTokens: number;
  /** Of the app's process and, where the engine has its own, of that. */
  residentBytes: number;
};

export type EngineReport = {
  /** In the order they are tried. Empty until they were. */
  trials: Trial[];
  /** The model they were tried on, in words; null until they were. */
  triedOn: string | null;
  isTrying: boolean;
  inUse: ProviderName;
  home: EngineHome;
  pinned: ProviderName | null;
  /** Why something else runs than what should; null where all is well. */
  fallback: EngineFailure | null;
  figures: EngineFigures;
};

/** As the status bar and the settings name them. */
export const providerLabels: Record<ProviderName, string> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
};
