/** @file What analysts do with alerts: verdicts, owners, mutes, one action at a time and its undo. */
import type { Actor } from './workspace.ts';
import type { QueryContext } from './alerts.ts';
import type { WideFold } from '../../../shared/wideFold.ts';
import type { ActionOutcome, AlertSelection, Mute } from '../../../shared/actions.ts';
import type { AlertCounts } from '../../../shared/alertLists.ts';
import type { Instant } from '../../../shared/instant.ts';
import type { MemoryEntry, Verdict, VerdictValue } from '../../../shared/verdicts.ts';

export type Acting = { selection: AlertSelection; minScore: number; actor: Actor };

export type GiveVerdictInput = {
  verdictId: string;
  alertId: string;
  value: VerdictValue;
  note: string;
  analyst: string;
  givenAt: Instant;
  /** What is in its scope folds by itself until then; null: only those open now fold. */
  foldExpiresAt: Instant | null;
  /** False: nothing folds. */
  folds: boolean;
  /** What folds: alike alerts where it is left out. */
  scope?: MemoryEntry['scope'];
  minScore: number;
};

/** `verdict.alertId` of a verdict on many is one of them. */
export type VerdictOutcome = {
  verdict: Verdict;
  alertCount: number;
  foldedCount: number;
  /** Open alerts that would fold, but are so severe that another verdict must agree. */
  heldCount: number;
  /** Open alerts that are known for what it confirmed. */
  knownCount: number;
  counts: AlertCounts;
};

export type UndoOutcome =
  | (Omit<ActionOutcome, 'text'> & {
      foldedCount: number;
      /** Of an assignment. */
      owner: string | null;
      /** Number of the verdict, the mute or the case. */
      reference: number | null;
    })
  | null;

export type VerdictMethods = {
  mark_viewed: { input: { alertId: string; actor: Actor }; output: undefined };
  /** One transaction, durable when it answers: verdict, folds, audit entry. */
  give_verdict: { input: GiveVerdictInput; output: VerdictOutcome };
  /** The same on any number of alerts: one verdict, one entry in the audit, one action. */
  give_verdict_to_many: {
    input: Omit<GiveVerdictInput, 'alertId'> & { selection: AlertSelection };
    output: VerdictOutcome;
  };
  /** What a verdict on the whole kind of line of the alerts would hide. */
  preview_wide_fold: { input: QueryContext & { selection: AlertSelection }; output: WideFold };
  /** Takes back the newest action in force: a verdict with its folds, an assignment, a mute, what was put into a case. Null: there is none. */
  undo_action: { input: { actor: Actor; minScore: number }; output: UndoOutcome };
  /** Does again the action most recently taken back, unless there was a new one since. */
  redo_action: { input: { actor: Actor; minScore: number }; output: UndoOutcome };
  /** Null: nobody's. */
  assign_alerts: { input: Acting & { owner: string | null }; output: { alertCount: number; counts: AlertCounts } };
  mute_alerts: {
    input: {
      muteId: string;
      filter: string;
      zone: string;
      reason: string;
      expiresAt: Instant | null;
      minScore: number;
      actor: Actor;
    };
    output: { mute: Mute; alertCount: number; counts: AlertCounts };
  };
  lift_mute: {
    input: { muteId: string; minScore: number; actor: Actor };
    output: { mute: Mute; alertCount: number; counts: AlertCounts };
  };
  /** Those in force first. */
  list_mutes: { input: undefined; output: Mute[] };
  /** Ends what is over, and says when the next one is. */
  expire_mutes: { input: { now: Instant }; output: { released: number; nextEnd: Instant | null } };
};
