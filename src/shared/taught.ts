/** @file What verdicts taught a version of a model's decisions, besides its threshold: all that judging by it needs beside the model. */
import type { DetectorId } from './detectors.ts';

/** Verified normals among the rows that calibrate: of a group, as -log10 of the smallest weighed p-value. */
export type Joined = {
  /** Rows that were judged to find them, and count as normal but for those that alerted. */
  rows: number;
  /** By what is calibrated apart. */
  scores: Record<string, number[]>;
  /** By how much they move -log10 p where rows begin to alert: below 0 where normal rows alert more often than calibration said. */
  shift: number;
};

export type Taught = {
  /** Of each detector's part in the false alarms; all sum to 1. Null: the model's own. */
  weights: Partial<Record<DetectorId, number>> | null;
  joined: Joined | null;
};
