/**
 * @file From the scores of many detectors to one p-value: each detector's own by its calibration, the smallest of them with Bonferroni's
 * correction, that again by a second calibration on events that the first did not see, by group where a group has enough of them.
 */
import type { DetectorId, Vote } from '../../shared/detectors.ts';
import type { Calibration } from './calibration.ts';
import type { GroupKey } from './detector.ts';

/** JSON; kept in `detector.json`. */
export type FusionData = {
  /** `share` of events on which the detector says something: its p-value among all events is `share` times that among those. */
  detectors: { id: DetectorId; calibration: Calibration; share: number }[];
  /** Of the largest -log10 p of any detector: `pooled` for groups without one of their own. */
  second: { pooled: Calibration; groups: Record<GroupKey, Calibration> };
};

export type Judgement = {
  /** -log10 of the fused p-value. */
  score: number;
  /** What the fused p-value comes from, the strongest first; only those with p of at most a tenth. */
  votes: Vote[];
};
