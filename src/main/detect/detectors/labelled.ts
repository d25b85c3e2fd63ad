/**
 * @file How like those that were labelled anomalous the last few events of a session are, by a classifier that was trained on labelled windows. Nothing of it
 * is learned from the training part: a model in use has one only where an analyst put one in use with it.
 */
import type { SessionDetector } from '../detector.ts';

/** The classifier that a model judges with, as it is kept beside the model. */
export type LabelledState = {
  classifierId: string;
  classifierNumber: number;
  /** Events of a window. */
  length: number;
  /** Indexes of the templates that it knows. */
  eventIds: number[];
  /** From its logit to calibrated log-odds. */
  slope: number;
  offset: number;
};

/** Scores are log-odds in bits: one more is half as probable, as of any surprise. */
export const labelled: SessionDetector<LabelledState | undefined> = {
  kind: 'session',
  id: 'labelled',
  needsKeyModel: false,
  fit: (_sessions, { classifier }) => classifier,
  open: (state) => ({
    begin: () => ({
      score: ({ logits, first, count }, scores) => {
        if (!state || !logits) return;
        for (let i = 0; i < count; i++)
          scores[i] = (state.slope * (logits[first + i] ?? Number.NaN) + state.offset) / Math.LN2;
      },
    }),
  }),
};
