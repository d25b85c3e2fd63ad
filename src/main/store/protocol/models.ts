/** @file Models, their retrainings, and what these read of alerts and verdicts. */
import type { Actor, NewJob } from './workspace.ts';
import type { NewThreshold } from './learning.ts';
import type { TrainProgress } from '../../../shared/trainerProtocol.ts';
import type { GateReport, Retraining } from '../../../shared/retraining.ts';
import type { SourceFormat } from '../../../shared/lines.ts';
import type { Instant } from '../../../shared/instant.ts';
import type { ModelState } from '../../../shared/models.ts';
import type { VerdictValue } from '../../../shared/verdicts.ts';
import type { DetectorId, Vote } from '../../../shared/detectors.ts';

export type ModelRecord = {
  id: string;
  number: number;
  state: ModelState;
  createdAt: Instant;
  /** Relative to the workspace folder. */
  directory: string;
  /** Names of the sources, counts, shape, seed, parameters: the card. JSON object without log text but file names. */
  card: Record<string, unknown>;
  curve: TrainProgress[];
  files: { name: string; sizeBytes: number; sha256: string }[];
};

/** What a model is put in use for, and what then scores the logs of the one before again. A classifier that was withdrawn is no longer wanted. */
export type UsePurpose = { scoring: NewJob | null } & (
  | { kind: 'choose' }
  | { kind: 'roll_back'; from: string }
  | { kind: 'withdraw_classifier'; from: string; classifierId: string }
);

/** `report` as it was last made; what speaks against the model follows from it. */
export type RetrainingRecord = Omit<Retraining, 'blocking' | 'overrideSentence' | 'verdictsSince'>;

/** `eventId`: its strongest event. */
export type LogAlert = {
  number: number;
  sessionId: number;
  eventId: number;
  firstEventId: number;
  lastEventId: number;
  said: 'undecided' | 'threat' | 'harmless';
};

export type AlertSaid = { alertId: string; said: LogAlert['said'] };

export type ModelMethods = {
  add_model: { input: Omit<ModelRecord, 'number'> & { actor: Actor }; output: ModelRecord };
  update_model: { input: Partial<Omit<ModelRecord, 'number'>> & { id: string; actor: Actor }; output: ModelRecord };
  /** Exactly one model is in use; the one before becomes `kept`. The audit says with it what it was done for, and the scoring is kept. */
  use_model: { input: { modelId: string; purpose?: UsePurpose; actor: Actor }; output: ModelRecord[] };
  list_models: { input: undefined; output: ModelRecord[] };
  /** Ids of the models that came in use, the newest first, also of removed ones; without those that going back left behind. */
  list_model_uses: { input: undefined; output: string[] };
  /**
   * One transaction at the end of learning: the model is whole, has its threshold, and is in use where that was wanted. `added`: it was not there before.
   * Nothing happens where a newest verdict is given up to which a gate looked, and another came.
   */
  adopt_model: {
    input: Pick<ModelRecord, 'id' | 'card' | 'curve' | 'files'> & {
      added?: Omit<ModelRecord, 'number'>;
      verdictNumber?: number | null;
      isUsed: boolean;
      threshold: NewThreshold;
      /** That the model is another version with, which is wanted from then on; null: without. Left out where the model is new. */
      classifierId?: string | null;
      actor: Actor;
    };
    output: { isAdopted: boolean };
  };
  /** Newest first, those of models that were removed too. */
  list_retrainings: { input: undefined; output: RetrainingRecord[] };
  /** How many were adopted, also where their model was removed since. */
  count_adopted: { input: undefined; output: number };
  /** The end of a retraining: the model is whole and kept, and waits for a decision. */
  propose_model: {
    input: Pick<ModelRecord, 'id' | 'card' | 'curve' | 'files'> & {
      parentId: string;
      report: GateReport;
      actor: Actor;
    };
    output: undefined;
  };
  /** What the gate found was found again; `isRefused`: adoption was asked for, and this is why it was not done. CONFLICT for a model that was decided about. */
  set_gate_report: {
    input: { modelId: string; report: GateReport; isRefused: boolean; actor: Actor };
    output: undefined;
  };
  /**
   * In one transaction: the decision, the threshold, the model in use, the job that scores its logs again. Nothing happens where the newest verdict is not `verdictNumber`, the one up to
   * which the gate looked. CONFLICT for one that was decided about.
   */
  adopt_retraining: {
    input: {
      modelId: string;
      threshold: NewThreshold;
      override: string | null;
      verdictNumber: number;
      scoring: NewJob | null;
      actor: Actor;
    };
    output: { isAdopted: boolean };
  };
  /** The model is removed with it; its files are the caller's to remove. */
  discard_retraining: { input: { modelId: string; actor: Actor }; output: undefined };
  /** Alerts by session, in the order of their events. */
  list_alert_numbers: { input: { decidedOnly: boolean }; output: Int32Array };
  /**
   * What stands before the event of each alert in its session, the event last, at most so many events: `keys` holds pairs of template index and
   * severity, those of alert i from `offsets[i]` to `offsets[i + 1]`. `numbers` as `list_alert_numbers` orders them; alerts that are gone, or were
   * raised by a preset's rule, are left out.
   */
  read_alert_windows: {
    input: { numbers: Int32Array; events: number };
    output: {
      alerts: {
        number: number;
        id: string;
        title: string;
        score: number;
        detector: DetectorId;
        format: SourceFormat;
        verdict: VerdictValue | null;
        votes: Vote[];
        /** Of the event in its session, from 0. */
        place: number;
        /** The session was seen to end with the event. */
        isSessionEnd: boolean;
      }[];
      keys: Int32Array;
      offsets: Int32Array;
    };
  };
  /** Alerts with a standing verdict, in the order of the verdicts. */
  read_labelled_alerts: {
    input: undefined;
    output: {
      number: number;
      verdictNumber: number;
      value: VerdictValue;
      givenAt: Instant;
      signature: string;
      entity: string;
      eventId: number;
      at: Instant | null;
      isModelRemoved: boolean;
      /** Of an event that was drawn from those not flagged: how many it stands for. */
      samplingWeight: number | null;
    }[];
  };
  /**
   * Alerts of a log with the events that lie under them, in its order, behind the one `after`: those that are shown and undecided, those confirmed as
   * threats, and those decided to be harmless. At most `limit`; fewer are the last.
   */
  read_log_alerts: {
    input: { sourceId: number; minScore: number; after: { eventId: number; number: number }; limit: number };
    output: LogAlert[];
  };
  /** Of those that are still there. */
  read_alerts_said: { input: { alertIds: string[] }; output: AlertSaid[] };
  /** Standing verdicts given after a time. */
  count_verdicts: { input: { after: Instant; afterNumber: number }; output: number };
  /** Of those given, taken back and put back: it grows with every change of what was decided. */
  newest_verdict: { input: undefined; output: number };
  /** It is no longer listed; its row and its thresholds stay for the record. CONFLICT for the model in use and one in training. */
  remove_model: { input: { modelId: string; now: Instant; actor: Actor }; output: undefined };
  /** How many logs each model scored last, or raised alerts of that are still there. */
  logs_by_model: { input: undefined; output: { modelId: string; logs: number }[] };
  /** Logs that the model in use was to score again when it came in use, and has not. */
  list_awaited_logs: { input: undefined; output: { sourceId: number; sourceName: string; modelId: string }[] };
};
