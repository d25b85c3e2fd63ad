/** @file Spans of time: the overview and the periodic report. */
import type { Actor } from './workspace.ts';
import type { AlertRecord } from './alerts.ts';
import type { PeriodFacts } from '../../../shared/periodFacts.ts';
import type { AlertDay } from '../../../shared/overview.ts';
import type { Instant } from '../../../shared/instant.ts';
import type { ReasonKind, SeverityLevel } from '../../../shared/alerts.ts';

/** How long something took that ended at `at`. */
export type Wait = { at: Instant; waitMs: number };

export type PeriodRows = PeriodFacts & {
  /** Of those shown (open, folded, decided), by the quarter of an hour of the log; null: its line tells no time. */
  shownAt: { quarter: number | null; count: number }[];
  /** What is alike, the most severe and most frequent first; `alert`: the most severe of it. */
  groups: { count: number; openCount: number; alert: AlertRecord }[];
  /** The most severe that are open or decided. */
  top: AlertRecord[];
  /** Kinds of line of which no alert was raised before the span; `alert`: the first. */
  newKinds: { count: number; reason: ReasonKind; alert: AlertRecord }[];
  toView: Wait[];
  /** Models proposed, adopted, discarded, put in use, rolled back; `modelId` is the subject. */
  models: { at: Instant; analyst: string; action: string; modelId: string }[];
};

export type PeriodMethods = {
  /** `edges`: of days, rising. `ageEdges`: times of raising, falling; one row between each two. */
  read_overview: {
    input: { edges: Instant[]; ageEdges: Instant[]; waitsSince: Instant; minScore: number };
    output: {
      days: AlertDay[];
      untimed: number;
      /** Stamped after the last of these days. */
      later: number;
      owners: { owner: string; bySeverity: Record<SeverityLevel, number> }[];
      ages: Record<SeverityLevel, number>[];
      toView: Wait[];
      toVerdict: Wait[];
    };
  };
  /** Of the time from `from` to before `to`, by the clock of this computer; what is open is so now. */
  read_period: { input: { from: Instant; to: Instant; minScore: number }; output: PeriodRows };
  add_handover_note: { input: { noteId: string; text: string; actor: Actor }; output: undefined };
};
