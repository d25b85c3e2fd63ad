/** @file All that judges events with one model by one preset: its detectors and, by the graph that gave the bits, what makes one p-value of them. */
import type { ScoreGraph } from '../../../shared/engineProtocol.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';
import type { DetectorSet } from './detectorSet.ts';
import type { Judge } from './judge.ts';
import type { KindVersions } from './kindVersions.ts';
import type { PageScores } from './lineScores.ts';
import type { WindowClassifier } from './windowClassifier.ts';

export type Detection = {
  vocabulary: Vocabulary;
  /** Null: the model was calibrated without them, and every kind that it does not know is new. */
  versions: KindVersions | null;
  set: DetectorSet;
  /** What says of a source's events, in the order of the log, what its lines' text tells. Asked for once for each source, of so many events. */
  readLines: (eventCount: number) => PageScores;
  /** Of single events, or of whole sessions where the model learned those. */
  judges: Record<ScoreGraph, Judge>;
  /** K of a rule that looks at whether an event is among the K most expected; null where none does. */
  k: number | null;
  /** Null where none is in use. */
  classifier: WindowClassifier | null;
  /** Windows of the log are judged, whatever sessions their lines are of: what they find is gathered in the order of the log. */
  isOfLog: boolean;
};
