/** @file Work that takes its time. */
import type { Instant } from './instant.ts';
import type { RetrainProgress } from './retraining.ts';
import type { TrainProgress } from './trainerProtocol.ts';

export type JobKind = 'import' | 'learn' | 'train' | 'classify' | 'use_classifier' | 'retrain' | 'score' | 'demo';

/** A long piece of work. `share` is 0 to 1, null while unknown. */
export type Job = {
  id: string;
  kind: JobKind;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /** What it works on, e.g. a file name. */
  subject: string;
  /** What it is doing now, one sentence part: "reading", "training, epoch 3 of 20". */
  step: string;
  share: number | null;
  remainingMs: number | null;
  lineCount: number | null;
  linesPerSecond: number | null;
  startedAt: Instant;
  endedAt: Instant | null;
  /** Why it failed. */
  error: string | null;
  sourceIds: number[];
  /** The model that comes of it; it is in the registry from when training begins. Null where none does. */
  modelId: string | null;
  training: TrainProgress | null;
  /** Of a retraining. */
  retraining: RetrainProgress | null;
  /** Training can stand still: it waits until it is resumed or cancelled, and outlives the app so. */
  canPause: boolean;
  isPaused: boolean;
  /** What came of it, one or two sentences. */
  outcome: string | null;
};
