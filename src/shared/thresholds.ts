/** @file From which score on there is an alert, and how many that gives. */
import type { Instant } from './instant.ts';
import type { Preset } from './presets.ts';
import type { Taught } from './taught.ts';

export type Budget = { alerts: number; per: 'day' | '100k' };

/** When an alert is counted by an earlier one instead of standing beside it: so soon after the last of them, and so alike. */
export type FoldingSettings = { cooldownSeconds: number; similarity: number };

export const defaultFolding: FoldingSettings = { cooldownSeconds: 300, similarity: 0.8 };

export type Threshold = {
  version: number;
  modelId: string;
  /** Alerts at or above this -log10 p are shown. */
  score: number;
  budgetScore: number;
  /** Drift: the log changed, and the threshold follows it within bounds. Preset: another way of judging was chosen. */
  reason: 'learned' | 'budget' | 'verdicts' | 'reverted' | 'drift' | 'preset';
  /** What judges with this threshold. By a rule's, `score` is what it takes at least to break the rule, and neither budget nor verdicts move it. */
  preset: Preset;
  budget: Budget;
  /** Events a day (or 100,000) that the budget was spread over. */
  eventsPerPeriod: number;
  calibrationEvents: number;
  /** One or two sentences: what the threshold means, and what calibration the budget would need when it asks for more than there is. */
  meaning: string;
  createdAt: Instant;
  verdictCount: number;
  /** What else verdicts taught; null: nothing, or undefined where a version was made before it could be. */
  taught?: Taught | null;
  isCurrent: boolean;
};

/** As lists have it: what verdicts taught each is many numbers. */
export type ThresholdVersion = Omit<Threshold, 'taught'> & { isTaught: boolean };

/** The newest are listed: each verdict may make one, and all of them are kept. */
export const mostThresholdsListed = 500;

/** Of one run. `raised` and `asked` are per 100,000; between `low` and `high` alarms a log in which nothing is wrong would have. */
export type RealisedShare = {
  /** Events, or sessions where those are judged, at or above the threshold, and how many there are. */
  over: number;
  rows: number;
  raised: number;
  asked: number;
  low: number;
  high: number;
  text: string;
};

/** The newest run of a log by the model in use. */
export type RunShare = RealisedShare & { sourceName: string; preset: Preset; thresholdVersion: number };
