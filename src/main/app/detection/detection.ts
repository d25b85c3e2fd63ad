/** @file All that judges events with one model: its detectors and, by the graph that gave the bits, their calibrated fusion. */
import type { ScoreGraph } from '../../../shared/engineProtocol.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';
import type { DetectorSet } from './detectorSet.ts';
import type { Judge } from './judge.ts';
import type { KindVersions } from './kindVersions.ts';
import type { LineScores } from './lineScores.ts';

export type Detection = {
  vocabulary: Vocabulary;
  /** Null: the model was calibrated without them, and every kind that it does not know is new. */
  versions: KindVersions | null;
  set: DetectorSet;
  /** Remembers lines for all sources that are judged. */
  lines: LineScores;
  /** Of single events, or of whole sessions where the model learned those. */
  judges: Record<ScoreGraph, Judge>;
};
