/** @file What main asks of the adapting process (`trainer/adapt.ts`), which answers a verdict at once, and what comes back. Carried by `port.ts`. */
import type { DetectorId, Vote } from './detectors.ts';
import type { VerdictValue } from './verdicts.ts';
import type { LearningSettings } from './learning.ts';
import type { Joined, Taught } from './taught.ts';

/** A decided alert. Those of one verdict that are alike are one label, however many they are. */
export type Label = {
  value: VerdictValue;
  /** When the verdict was given. */
  at: number;
  /** -log10 p as it is stored: used where there are no votes to compute it from. */
  score: number;
  votes: Vote[];
  /** What its kind of line is calibrated with. */
  group: string;
  /** `sample`: drawn at random from what did not alert. `missed`: named by an analyst. */
  origin: 'detector' | 'sample' | 'missed';
  /** How many others a sample stands for, itself included; 1 for all else. */
  samplingWeight: number;
  /** Of a false alarm: how many verdicts say so of alike alerts, this one included; 0 where another says threat. */
  agreeing: number;
};

export type AdaptInput = {
  /** What each detector said of held-back rows: a file beside the model. Null for models of before it: only the threshold is fitted then. */
  ownRowsPath: string | null;
  /** All verdicts on the model's alerts that stand, in the order they were given. */
  labels: Label[];
  /** -log10 of the share of normal rows that may alert. */
  budgetScore: number;
  /** How far verdicts may move the threshold from the budget, in -log10 p, each way. */
  maxShift: number;
  settings: Pick<LearningSettings, 'rewards' | 'thresholdPreset'>;
  /** Rows that the model judged, and the share of their alerts that somebody decided. */
  judged: { rows: number; decidedShare: number };
  /**
   * Of versions so far, the newest first: where the same verdicts say the same, they stand for as many rows as before, whatever was judged since. So a
   * verdict that is taken back is as if it was never given.
   */
  joinedBefore: Joined[];
  /** Rows that the model was calibrated on. */
  calibrationRows: number;
  /** Warnings that somebody said are meant. */
  meant: LearningWarning[];
};

/** What would be blinded by learning this, named before it is learned. */
export type LearningWarning =
  | { kind: 'weight'; detector: DetectorId; share: number }
  /** Lines of one program, of which severe alerts would no longer come up; so many verdicts call what alerted of them harmless. */
  | { kind: 'family'; family: string; count: number }
  /** Confirmed threats that would no longer alert. */
  | { kind: 'threats'; count: number };

export type AdaptOutput = {
  thresholdScore: number;
  /** Null where verdicts taught nothing but the threshold. */
  taught: Taught | null;
  /** Rows of the second calibration. */
  calibrationRows: number;
  /** Verdicts that say threat or harmless. */
  labelCount: number;
  /** Decided alerts on the wrong side of the threshold. */
  missedThreats: number;
  falseAlarms: number;
  /** Of what was left out of it: the part that blinds, and no more. */
  warnings: LearningWarning[];
};

/** A part that blinds no more than so many times what was meant is not asked about again. */
const meantTimes = 2;

/** Whether it was meant: the same thing, whatever its number is by now, unless that has grown beyond what anybody had in mind. */
export function isMeant(warning: LearningWarning, meant: readonly LearningWarning[]): boolean {
  return meant.some((one) => {
    if (warning.kind === 'weight') return one.kind === 'weight' && one.detector === warning.detector;
    if (warning.kind === 'family' && !(one.kind === 'family' && one.family === warning.family)) return false;
    return one.kind === warning.kind && warning.count <= meantTimes * one.count;
  });
}

export type AdaptMethods = {
  adapt: { input: AdaptInput; output: AdaptOutput };
};
