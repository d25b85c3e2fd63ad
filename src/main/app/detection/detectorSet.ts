/** @file The detectors of a model, opened from what each learned: those of sessions, of the log's order and of single lines, and which column is whose. */
import type { DetectorId } from '../../../shared/detectors.ts';
import type { SessionDetector, SessionScorer, StreamDetector, StreamScorer } from '../../detect/detector.ts';
import { sessionDetectors, streamDetectors } from '../../detect/detectors/registry.ts';

/** What detectors learned from the training part, by id. JSON. */
export type Learned = Partial<Record<DetectorId, unknown>>;

export type DetectorSet = {
  /** Of the columns: those of sessions first, then those of the log's order, then those of lines. */
  ids: readonly DetectorId[];
  /** Of each, one scorer for a session. */
  session: readonly ((isWhole: boolean) => SessionScorer)[];
  /** Of each, one scorer for a source. */
  stream: readonly (() => StreamScorer)[];
  lines: readonly DetectorId[];
};

/**
 * Those that learned something. What a later version's detectors would have learned is not made up. `lines`: the detectors of lines that were
 * opened, in the order of their columns.
 */
export function openDetectors(learned: Learned, lines: readonly DetectorId[]): DetectorSet {
  const isLearned = ({ id }: { id: DetectorId }): boolean => learned[id] !== undefined;
  const session = (sessionDetectors as readonly SessionDetector[]).filter(isLearned);
  const stream = (streamDetectors as readonly StreamDetector[]).filter(isLearned);
  return {
    ids: [...[...session, ...stream].map(({ id }) => id), ...lines],
    session: session.map((detector) => {
      const opened = detector.open(learned[detector.id]);
      return (isWhole) => opened.begin(isWhole);
    }),
    stream: stream.map((detector) => () => detector.open(learned[detector.id])),
    lines,
  };
}

/** Models of before the other detectors judge by the key model alone. */
export const keyAlone: Learned = { key: null };
