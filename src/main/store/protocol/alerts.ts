/** @file Alerts: the runs that raise them, the lists and groups that show them, one alert whole. */
import type { Actor } from './workspace.ts';
import type { SampledEvent } from './learning.ts';
import type { AlertProfile } from '../../detect/fingerprint.ts';
import type { RuleFinding } from '../../../shared/presets.ts';
import type { EntityKind } from '../../../shared/lines.ts';
import type {
  AlertCounts,
  AlertGroup,
  AlertQuery,
  AlertSummary,
  GroupField,
  ListOrder,
  QueueOrder,
} from '../../../shared/alertLists.ts';
import type { AlertOrigin, AlertState, ReasonKind, SeverityLevel } from '../../../shared/alerts.ts';
import type { Instant } from '../../../shared/instant.ts';
import type { SeenBefore, Verdict, VerdictValue } from '../../../shared/verdicts.ts';
import type { DetectorId, Vote } from '../../../shared/detectors.ts';

/** Why an alert was raised: ids and numbers only, no text of the log. */
export type AlertEvidence = {
  /** Of an alert by the rule of a preset; none where all detectors judged. */
  rule?: RuleFinding;
  /** Of the strongest event, the strongest first; alerts of earlier versions have none. */
  votes: Vote[];
  /** Offset in the event's line where what surprised begins. Left out where its words are usual. */
  surpriseAt?: number;
  culprits: {
    eventId: number;
    /** True: the end of the session after this event surprised, not the event itself. */
    isEnd: boolean;
    bits: number;
    /** Null: the kind of line was never seen in training. */
    modelBits: number | null;
    expected: { templateIndex: number | null; isEnd: boolean; probability: number }[];
  }[];
};

export type NewAlert = {
  id: string;
  eventId: number;
  sessionId: number;
  lastEventId: number;
  /** -log10 p. */
  score: number;
  bits: number;
  severity: SeverityLevel;
  reason: ReasonKind;
  /** Of the strongest vote. */
  detector: DetectorId;
  title: string;
  /** Keyed hash of what makes alerts alike, in hex. */
  signature: string;
  /** What it is like, for folding and for finding cases like it. */
  fingerprint: string;
  profile: AlertProfile;
  templateIndex: number;
  entityKind: EntityKind;
  entityHash: number;
  eventCount: number;
  at: Instant | null;
  /** 2 to the mean bits of its stretch of the session, up to the event; null without a key model. */
  perplexity: number | null;
  confidence: number | null;
  evidence: AlertEvidence;
};

/** From this event on, a log surprises so many times as much as before it. */
export type Drift = { eventId: number; ratio: number };

export type ReplaceRunInput = {
  runId: string;
  sourceId: number;
  modelId: string;
  thresholdVersion: number;
  startedAt: Instant;
  finishedAt: Instant;
  eventCount: number;
  /** Of them, those at or above the threshold. */
  overCount: number;
  /** Where the log changed; null where it did not. */
  drift: Drift | null;
  alerts: NewAlert[];
  /** Drawn from the events that were not flagged. Left out: none. */
  samples?: SampledEvent[];
  /** Of the events that were scored; alerts of later ones stay as they are. Left out: all were. */
  lastEventId?: number;
};

export type AlertRecord = {
  id: string;
  number: number;
  state: AlertState;
  severity: SeverityLevel;
  /** As it was judged, before a verdict on it or its like raised it. */
  ownSeverity: SeverityLevel;
  score: number;
  bits: number;
  reason: ReasonKind;
  detector: DetectorId;
  origin: AlertOrigin;
  title: string;
  signature: string;
  templateIndex: number;
  eventId: number;
  surpriseAt: number | null;
  sessionId: number;
  sourceId: number;
  sourceName: string;
  modelId: string;
  lineNumber: number;
  entityKind: EntityKind;
  /** From the event's row; null once its text was erased. */
  entity: string | null;
  host: string | null;
  at: Instant | null;
  raisedAt: Instant;
  eventCount: number;
  perplexity: number | null;
  confidence: number | null;
  foldedCount: number;
  repeatCount: number;
  repeatLastAt: Instant | null;
  isViewed: boolean;
  isKnownThreat: boolean;
  seenBefore: SeenBefore;
  verdict: Verdict | null;
  caseNumber: number | null;
  owner: string | null;
  place: { severity: string; time: string };
};

/** Which alerts, and what the words of the filter mean where it is asked. */
export type QueryContext = {
  /** Alerts that are not decided and below this -log10 p are kept but not shown. */
  minScore: number;
  now: Instant;
  /** Who "me" is. */
  analyst: string;
  /** Number of an alert that is in none of the lists. */
  without?: number | null;
};

export type ListQuery = AlertQuery & QueryContext;

export type ListAlertsInput = ListQuery & {
  order: ListOrder;
  /** Behind this place, and up to that one. */
  after: string | null;
  until: string | null;
  limit: number;
};

export type AlertMethods = {
  /**
   * Replaces the run of a source: undecided alerts of earlier runs of it that were not raised again go, those raised again (same event)
   * keep id, number, verdicts and cases and get the new figures; decided ones stay. New alerts of a signature with a fold in force are
   * folded at once.
   */
  replace_run: {
    input: ReplaceRunInput & { actor: Actor };
    output: { raised: number; folded: number; removed: number };
  };
  /** Events that were judged, each of them once. */
  count_judged: { input: undefined; output: number };
  /**
   * Of the newest run of each log by a model: how many events of how many alerted, with those of the log's other runs under the same threshold where it
   * is followed, and where it changed. `judgedCount`: its events that the model judged, under whatever threshold.
   */
  list_runs: {
    input: { modelId: string };
    output: {
      sourceId: number;
      sourceName: string;
      thresholdVersion: number;
      eventCount: number;
      overCount: number | null;
      judgedCount: number;
      drift: (Drift & { lineNumber: number }) | null;
    }[];
  };
  /** `newest`: the highest number there is. */
  list_alerts: {
    input: ListAlertsInput;
    output: { rows: AlertRecord[]; nextCursor: string | null; newest: number; counts: AlertCounts };
  };
  /** The whole list, walked in steps that let others in. */
  summarise_alerts: { input: ListQuery & { order: QueueOrder; pageSize: number }; output: AlertSummary };
  /** Alerts of the list that were raised after the one of this number. */
  count_new_alerts: { input: ListQuery & { newerThan: number }; output: number };
  /** The most severe, or newest, 500 groups. */
  group_alerts: {
    input: ListQuery & { order: QueueOrder; by: GroupField };
    output: {
      groups: (Omit<AlertGroup, 'top' | 'name'> & { top: AlertRecord })[];
      groupCount: number;
      until: Instant;
    };
  };
  /** Alerts alike by hour, of the 24 hours up to `until`. */
  alert_sparklines: { input: { signatures: string[]; now: Instant }; output: { until: Instant; lines: number[][] } };
  /** Values that alerts have, the most frequent first. */
  alert_values: {
    input: { field: string; typed: string; limit: number };
    output: { value: string; count: number }[];
  };
  alert_counts: { input: { minScore: number }; output: AlertCounts };
  /** By its number, A-12 → 12, as people write it; everything else takes ids only. Null: none has it. */
  find_alert: { input: { number: number }; output: { alertId: string } | null };
  get_alert: {
    /** `isBlind`: without what was said of it and its like. */
    input: { alertId: string; now: Instant; isBlind?: boolean };
    output: {
      row: AlertRecord;
      evidence: AlertEvidence;
      history: Verdict[];
      cases: { id: string; number: number; title: string }[];
    };
  };
  /** The events that surprised in each alert, the one that it stands on first; `eventIds` of those that are gone are left out by who reads them. */
  list_culprits: { input: { alertIds: string[] }; output: { alertId: string; eventIds: number[] }[] };
  /** The alerts that this one counts: the first hundred. */
  list_repeats: {
    input: { alertId: string };
    output: {
      repeats: {
        id: string;
        number: number;
        eventId: number;
        lineNumber: number;
        at: Instant | null;
        score: number;
      }[];
    };
  };
  nearest_decided: {
    input: { alertId: string; limit: number };
    output: {
      id: string;
      number: number;
      value: VerdictValue;
      analyst: string;
      givenAt: Instant;
      similarity: number;
    }[];
  };
  /** Open alerts of the two highest severities that were raised after one; with null, only which the last one is. */
  severe_since: {
    input: { afterNumber: number | null; minScore: number };
    output: { critical: number; high: number; lastNumber: number };
  };
  /** The most severe first, a thousand at most. */
  open_alerts_by_severity: { input: { minScore: number }; output: AlertRecord[] };
  /**
   * Time in the log of the newest alert that is shown; null where there is none with a time. One that is stamped more than `withinMs` behind
   * nine in ten does not count.
   */
  newest_alert_at: { input: { minScore: number; withinMs: number }; output: Instant | null };
};
