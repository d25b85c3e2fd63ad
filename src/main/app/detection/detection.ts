/** @file All that judges events with one model: its detectors and, by the graph that gave the bits, their calibrated fusion. */
import type { ScoreGraph } from '../../../shared/engineProtocol.ts';
import type { DetectorSet } from './detectorSet.ts';
import type { Judge } from './judge.ts';
import type { LineScores } from './lineScores.ts';

export type Detection = {
  set: DetectorSet;
  /** Remembers lines for all sources that are judged. */
  lines: LineScores;
  /** Of single events, or of whole sessions where the model learned those. */
  judges: Record<ScoreGraph, Judge>;
};
