/** @file What verdicts teach: memory, thresholds, scores under other weights, what to label next, the figures of learning. */
import type { Actor } from './workspace.ts';
import type { AlertRecord, NewAlert, QueryContext } from './alerts.ts';
import type { Second } from '../../detect/second.ts';
import type { Asked } from '../../../shared/teaching.ts';
import type { AlertCounts } from '../../../shared/alertLists.ts';
import type { AlertOrigin, SeverityLevel } from '../../../shared/alerts.ts';
import type { Instant } from '../../../shared/instant.ts';
import type { MemoryEntry, Verdict, VerdictValue } from '../../../shared/verdicts.ts';
import type { Threshold, ThresholdVersion } from '../../../shared/thresholds.ts';
import type { DetectorId, Vote } from '../../../shared/detectors.ts';

/** An event that was not flagged, as the alert that it would be; `weight`: how many it stands for. */
export type SampledEvent = { alert: NewAlert; weight: number };

export type AskedRecord = AlertRecord & { asked: Asked };

export type LearningRows = {
  /** Of each bin and severity: events of alerts that were flagged, by what is said of them, and alerts with a verdict of their own. */
  flagged: {
    bin: number;
    severity: SeverityLevel;
    threat: number;
    harmless: number;
    undecided: number;
    right: number;
    wrong: number;
  }[];
  drawn: { bin: number; score: number; weight: number; value: VerdictValue | null }[];
  /** Alerts that were kept below the threshold, and are confirmed as threats. They are no part of recall, which is told by what was drawn. */
  unflaggedThreats: number;
  /** What analysts said they missed, by bin. */
  missed: { bin: number; count: number }[];
  answers: {
    alertId: string;
    number: number;
    title: string;
    before: VerdictValue;
    beforeAt: Instant;
    value: VerdictValue;
    at: Instant;
    /** Whether the verdict that it asked about is still the one of the alert. */
    stands: boolean;
  }[];
};

export type NewThreshold = Omit<Threshold, 'version' | 'isCurrent'>;

export type LearningMethods = {
  /** Which alerts count which, worked out again of so many of those that a change of the settings, the threshold or their scores left to do. `hasMoved`: one of them has another head than before. */
  fold_again: { input: { limit: number }; output: { isLeft: boolean; hasMoved: boolean } };
  /** What a verdict would teach most, in that order, with one blind question among them where it is its turn. `share`: drawn at random. */
  list_teach: {
    input: QueryContext & {
      filter: string;
      zone: string;
      share: number;
      seed: number;
      most: number;
      askAgainAfterMs: number;
    };
    output: { rows: AskedRecord[]; newest: number; counts: AlertCounts };
  };
  /** The answer to a blind question, which is kept beside the verdict. */
  answer_again: {
    input: { alertId: string; value: VerdictValue; actor: Actor };
    output: { before: VerdictValue; givenAt: Instant; isSame: boolean };
  };
  /** The alert of an event that should have been flagged: the one that it has, or was flagged with, or `alert` as one that was missed. */
  mark_missed: {
    /** `origin` of what was not there yet: `sample` where it is said to be rightly not flagged. */
    input: { sourceId: number; alert: NewAlert; minScore: number; origin?: 'missed' | 'sample'; actor: Actor };
    output: { alertId: string; isNew: boolean };
  };
  /** Rows that figures of learning are made of. `edges`: of days, rising; the first and last bins are what lies before and behind them. */
  read_learning: { input: { edges: Instant[]; analyst: string }; output: LearningRows };
  /** Signatures of which some alerts were judged threats and some harmless, the newest first. */
  list_contradictions: {
    input: { limit: number };
    output: {
      threat: AlertRecord & { verdict: Verdict };
      harmless: AlertRecord & { verdict: Verdict };
      counts: [number, number];
    }[];
  };
  /** Decided alerts of a model with their newest verdict in force. */
  /** `score` is as stored. */
  labelled_scores: {
    input: { modelId: string; limit?: number };
    output: {
      score: number;
      value: VerdictValue;
      at: Instant;
      votes: Vote[];
      group: string;
      origin: AlertOrigin;
      samplingWeight: number | null;
      agreeing: number;
    }[];
  };
  /** Rows that a model judged, each once, and the share of all alerts shown that are decided. */
  judged_rows: { input: { modelId: string; minScore: number }; output: { rows: number; decidedShare: number } };
  /** Scores a model's stored alerts by their votes, so many of them behind a number. `lastNumber` null: there are no more. */
  rescore_alerts: {
    input: {
      modelId: string;
      weights: { id: DetectorId; weight: number }[];
      second: Second;
      thresholdScore: number;
      afterNumber: number;
      limit: number;
    };
    output: { lastNumber: number | null; changedCount: number };
  };
  /** What folds by memory among alerts that came before the stored ones were scored again. */
  fold_late: { input: { now: Instant; minScore: number }; output: { foldedCount: number } };
  /** In force, the newest first. */
  list_memory: { input: undefined; output: MemoryEntry[] };
  /** What folds under it is open again. */
  forget_memory: { input: { number: number; actor: Actor }; output: { openedCount: number } };

  /** `setting`: what the version follows from, kept with it. */
  add_threshold: {
    input: { threshold: NewThreshold; setting?: { key: string; value: unknown }; actor: Actor };
    output: Threshold;
  };
  /** Of the model in use; null while none is. */
  current_threshold: { input: undefined; output: Threshold | null };
  /** Oldest first; with `limit` the newest alone. */
  list_thresholds: { input: { modelId: string | null; limit?: number }; output: ThresholdVersion[] };
  /** Versions of a model with what each was taught, the newest first. */
  recent_thresholds: { input: { modelId: string; limit: number }; output: Threshold[] };
  get_threshold: { input: { version: number }; output: Threshold | null };
};
