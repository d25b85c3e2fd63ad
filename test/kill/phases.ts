/** @file What a kill may come into, each with what must be there after it. */
import { killAttaching, killBundle } from './phases/cases.ts';
import { killClassifier } from './phases/classifier.ts';
import { killExport } from './phases/exports.ts';
import { killImport, killLearning, killScoring } from './phases/logs.ts';
import { killSending } from './phases/sending.ts';
import { killRetraining } from './phases/retraining.ts';
import { killStart } from './phases/starts.ts';
import { killVerdicts } from './phases/verdicts.ts';
import type { Lane } from './lane.ts';

/** Kills in the lane at least once, and gives a sentence for each thing that is wrong then. */
type KillIn = (lane: Lane) => Promise<string[]>;

export const phases = {
  import: killImport,
  learn: killLearning,
  score: killScoring,
  verdicts: killVerdicts,
  export: killExport,
  start: killStart,
  attach: killAttaching,
  bundle: killBundle,
  send: killSending,
  retrain: killRetraining,
  classify: killClassifier,
} satisfies Record<string, KillIn>;

export type Phase = keyof typeof phases;

export const phaseNames = Object.keys(phases) as Phase[];
