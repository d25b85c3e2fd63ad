/** @file What main and its threads ask of the store thread, the only writer of the workspace database. Carried by `shared/port.ts`. */
import type { DetectorId, Vote } from '../../shared/detectors.ts';
import type {
  ActionOutcome,
  AlertCounts,
  AlertGroup,
  AlertOrigin,
  AlertQuery,
  AlertRow,
  AlertSelection,
  AlertState,
  AlertSummary,
  Backup,
  GroupField,
  Instant,
  MemoryEntry,
  ModelState,
  Mute,
  ListOrder,
  QueueOrder,
  ReasonKind,
  RestoreOffer,
  SeenBefore,
  SeverityLevel,
  Source,
  Threshold,
  Verdict,
  VerdictValue,
} from '../../shared/domain.ts';
import type {
  Attachment,
  CaseChange,
  CaseDetail,
  CasePhase,
  CaseRow,
  Relation,
  TaskChange,
} from '../../shared/cases.ts';
import type { ExplanationSettings, KeptExplanation } from '../../shared/explanations.ts';
import type { Sightings } from '../../shared/observables.ts';
import type { ReportText } from '../../shared/report.ts';
import type { BundleMethods } from './bundleMethods.ts';
import type { EventValues } from '../../shared/eventValues.ts';
import type { EntityPage } from '../../shared/entities.ts';
import type { EntityKind, FormatId, SourceFormat, TextEncoding, TimeAssumption } from '../../shared/lines.ts';
import type { AlertDay } from '../../shared/overview.ts';
import type { ClassifierMethods } from './classifierProtocol.ts';
import type { GateReport, Retraining } from '../../shared/retraining.ts';
import type { Asked } from '../../shared/teaching.ts';
import type { RuleFinding } from '../../shared/presets.ts';
import type { OutputMethods } from './outputs.ts';
import type { WideFold } from '../../shared/wideFold.ts';
import type { AlertProfile } from '../detect/fingerprint.ts';
import type { Second } from '../detect/second.ts';
import type { PeriodRows } from './periodProtocol.ts';
import type { TrainProgress } from '../../shared/trainerProtocol.ts';

export type AuditReport = {
  /** Entries that fit, from the first on. */
  count: number;
  /** The length and last hash of the chain: "214:3f2a…". */
  head: string;
  /** The entry from which on something was changed, taken away or put in. */
  brokenAt: number | null;
  /** In words, where it is broken. */
  finding: string | null;
  /** Backups, and whether their own chain is the beginning of this one. */
  backups: { name: string; agrees: boolean }[];
};

export type OpenInput = {
  /** Workspace folder; made if missing. Holds surprisal.db, backups/, models/. */
  directory: string;
  appVersion: string;
  now: Instant;
  /** Random values from the host: the workspace id and the 32-byte key of keyed hashes, used only when the database is new. */
  newWorkspaceId: string;
  newHashKey: Uint8Array;
  /** Login name; the first analyst name of a new workspace. */
  userName: string;
};

export type OpenOutput = {
  workspaceId: string;
  name: string;
  analyst: string;
  hashKey: Uint8Array;
  /** Set when an older database was migrated: the backup made first. */
  backupPath: string | null;
  /** With the audit entry it ends at: later entries are changes it lacks. */
  newestBackup: (Backup & { sequence: number }) | null;
};

/** A kind of line. Words are keyed hashes: no text of the log is kept here. */
export type TemplateRecord = {
  /** The miner's cluster index, stable in this workspace; the row id is index + 1. */
  index: number;
  contentHash: string;
  prefixHash: number;
  /** Positive: keyed hash of a word; 0: wildcard; negative: placeholder kind. */
  tokens: number[];
  count: number;
  isFrozen: boolean;
  /** An event of this kind, from whose raw text the template is shown. */
  exampleEventId: number;
};

/** An import that was cut off: where it began, and how far it was written. */
export type OpenImport = {
  sourceId: number;
  path: string;
  format: SourceFormat;
  assumption: TimeAssumption;
  /** Ids of its first event and session. */
  nextEventId: number;
  nextSessionId: number;
  /** Of the last event that was written; the one before `nextEventId` where none was. */
  lastEventId: number;
  lineCount: number;
};

export type SessionRecord = {
  id: number;
  entityKind: EntityKind;
  /** Keyed hash of the entity's name. */
  entityHash: number;
  firstEventId: number;
  lastEventId: number;
  eventCount: number;
  startedAt: Instant | null;
  endedAt: Instant | null;
  /** Still open when the log ended: it has no end to score. */
  isOpen: boolean;
};

/** Events as columns; row i of every array is one event. Event ids are contiguous from `firstEventId`. */
export type EventBatch = {
  firstEventId: number;
  lineNumbers: Int32Array;
  /** NaN: no time. */
  at: Float64Array;
  /** Index into lineSeverities; -1: none. */
  severities: Int8Array;
  templateIndexes: Int32Array;
  sessionIds: Float64Array;
  hosts: (string | null)[];
  /** Name of the session's entity as this line writes it. */
  entities: (string | null)[];
  raws: string[];
  /** Exact bytes of lines that are no valid UTF-8, by row. */
  rawBytes: Map<number, Uint8Array>;
  /** Null: events of which nothing is known beside their kind. */
  values: EventValues | null;
};

export type SourceTotals = {
  lineCount: number;
  eventCount: number;
  plainCount: number;
  blankCount: number;
  badByteCount: number;
  encoding: TextEncoding;
  sessionCount: number;
  firstAt: Instant | null;
  lastAt: Instant | null;
};

/** Following: lines are read as they come. Paused and stopped: what was read stays, and starting goes on behind it. */
export type WatchState = 'following' | 'paused' | 'stopped';

/** A file, a folder with a pattern of names, or standard input (`path` is its name then). */
export type WatchRecord = {
  id: number;
  kind: 'file' | 'folder' | 'input';
  path: string;
  pattern: string;
  /** What its lines are read as; null: what each file is taken for. */
  format: FormatId | null;
  state: WatchState;
  addedAt: Instant;
};

export type FollowState = {
  sourceId: number;
  /** Its lines are sent to the API: no file is followed. */
  isApi: boolean;
  watchId: number;
  path: string;
  place: unknown;
  /** Events up to it were scored as they came; null before the first. */
  scoredEventId: number | null;
  firstEventId: number;
  lastEventId: number;
  /** Of the sessions begun so far. */
  lastSessionId: number;
};

/** `sizeBytes`: read so far, over all files that bore the name. */
export type FollowTotals = SourceTotals & { sizeBytes: number };

/** A line that the API was sent, by the keyed hash of its text. */
export type ApiLine = { lineHash: number; eventId: number };

/** The token itself is kept nowhere. */
export type ApiTokenRecord = { id: string; name: string; hash: Uint8Array; madeAt: Instant; revokedAt: Instant | null };

/** What a micro-batch made of the new lines of one source. */
export type FollowPart = {
  sourceId: number;
  events: EventBatch;
  sessions: SessionRecord[];
  /** Sessions that were seen to end. */
  ended: number[];
  totals: FollowTotals;
  /** Up to where all this was read: JSON of the import thread's own. */
  place: unknown;
  /** Template indexes that the source has by now; null where there is no new one. */
  kinds: number[] | null;
};

/** An alert raised as its event came. */
export type RaisedAlert = {
  alert: NewAlert;
  /** The alert's event when it was raised last, where this is more of the same finding. */
  previousEventId: number | null;
  /** What is new of it alone: raised instead where the alert before was decided meanwhile, or is gone. */
  fresh: NewAlert;
};

/** Keys of events in id order; the columns of `EventBatch` without text. */
export type KeyPage = {
  eventIds: Float64Array;
  lineNumbers: Int32Array;
  at: Float64Array;
  severities: Int8Array;
  templateIndexes: Int32Array;
  sessionIds: Float64Array;
};

export type SessionPage = {
  ids: Float64Array;
  entityHashes: Float64Array;
  /** Index into entityKinds. */
  entityKinds: Int8Array;
  eventCounts: Int32Array;
  /** 1: still open when the log ended. */
  open: Uint8Array;
};

export type EventRecord = {
  id: number;
  sourceId: number;
  sourceName: string;
  format: SourceFormat;
  assumption: TimeAssumption;
  lineNumber: number;
  at: Instant | null;
  /** Index into lineSeverities; -1: none. */
  severity: number;
  templateIndex: number;
  sessionId: number;
  host: string | null;
  entity: string | null;
  /** Cut to `maxChars` of the request. */
  raw: string;
  rawLengthChars: number;
};

/** Why an alert was raised: ids and numbers only, no text of the log. */
export type AlertEvidence = {
  /** Of an alert by the rule of a preset; none where all detectors judged. */
  rule?: RuleFinding;
  /** Of the strongest event, the strongest first; alerts of earlier versions have none. */
  votes: Vote[];
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

/** An event that was not flagged, as the alert that it would be; `weight`: how many it stands for. */
export type SampledEvent = { alert: NewAlert; weight: number };

export type AlertRecord = {
  id: string;
  number: number;
  state: AlertState;
  severity: SeverityLevel;
  score: number;
  bits: number;
  reason: ReasonKind;
  detector: DetectorId;
  origin: AlertOrigin;
  title: string;
  signature: string;
  templateIndex: number;
  eventId: number;
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
  }[];
};

/** What the store knows of an entity; see EntityPage. `spans`: its sessions with a time. `times`: of its lines; null where they are too many. */
export type EntityRecord = Pick<
  EntityPage,
  'by' | 'lineCount' | 'sessionCount' | 'isCut' | 'firstAt' | 'alertCounts' | 'verdicts' | 'isIndexed'
> & {
  spans: { from: Instant; to: Instant; count: number }[];
  times: Instant[] | null;
  alerts: AlertRecord[];
  lines: EventRecord[];
};

/** How long something took that ended at `at`. */
export type Wait = { at: Instant; waitMs: number };

/** Which alerts, and what the words of the filter mean where it is asked. */
export type QueryContext = {
  /** Alerts that are not decided and below this -log10 p are kept but not shown. */
  minScore: number;
  now: Instant;
  /** Who "me" is. */
  analyst: string;
};
export type ListQuery = AlertQuery & QueryContext;

export type ListAlertsInput = ListQuery & {
  order: ListOrder;
  /** Behind this place, and up to that one. */
  after: string | null;
  until: string | null;
  limit: number;
};

type Acting = { selection: AlertSelection; minScore: number; actor: Actor };

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

export type CaseRecord = CaseRow;

/** A job that was asked for and has not ended. */
export type UnfinishedJob = {
  id: string;
  kind: string;
  subject: string;
  input: unknown;
  startedAt: Instant;
  /** How far it was when it was last begun, and how often it was begun there. */
  place: string;
  attempts: number;
};

export type NewThreshold = Omit<Threshold, 'version' | 'isCurrent'>;

/** `report` as it was last made; what speaks against the model follows from it. */
export type RetrainingRecord = Omit<Retraining, 'blocking' | 'overrideSentence'>;

export type Actor = { analyst: string; at: Instant };

export type StoreMethods = CoreMethods & BundleMethods & ClassifierMethods & OutputMethods;

type CoreMethods = {
  open: { input: OpenInput; output: OpenOutput };
  close: { input: undefined; output: undefined };
  /**
   * Answered whether or not a workspace is open here: a large one is copied by a thread of its own. `made` is null where less than twice
   * the database's size is free. Throws STORE_CORRUPT when the copy is not sound.
   */
  back_up: {
    /** `mostAttachedBytes`: of attachments that are not beside the backups yet. */
    input: { directory: string; now: Instant; mostAttachedBytes?: number };
    output:
      | {
          made: Backup & { sequence: number };
          lacking: { count: number; neededBytes: number; freeBytes: number } | null;
        }
      | { made: null; neededBytes: number; freeBytes: number };
  };
  /** The newest sound backup of a workspace that is not open. */
  find_offer: { input: { directory: string }; output: RestoreOffer | null };
  /** The audit checked from outside, whoever has the workspace open; `head` as a report named it. Reads only. */
  verify_workspace: { input: { directory: string; head: string | null }; output: AuditReport };
  /** `keptAs`: where the damaged database is now. Throws WORKSPACE_IN_USE, and NOT_FOUND where `name` is not the one offered. */
  restore_backup: {
    input: { directory: string; name: string; now: Instant; analyst: string };
    output: { keptAs: string | null };
  };
  get_setting: { input: { key: string }; output: unknown };
  /** Value is JSON. `analyst` and `name` of the workspace are settings too. */
  set_setting: { input: { key: string; value: unknown; actor: Actor }; output: undefined };

  begin_source: {
    input: {
      name: string;
      format: SourceFormat;
      sizeBytes: number;
      assumption: TimeAssumption;
      importedAt: Instant;
      /** Of the file. With it, an import that is cut off can be gone on with; without, it ends as partial. */
      path?: string;
      actor: Actor;
    };
    output: { sourceId: number; nextEventId: number; nextSessionId: number };
  };
  /** The import that was cut off and can be gone on with. */
  find_open_import: { input: undefined; output: OpenImport | null };
  /** Every template as it was before the open import. */
  list_templates_before: { input: undefined; output: TemplateRecord[] };
  /** SHA-256 over the lines of a source: `EventDigest`. */
  digest_events: { input: { sourceId: number }; output: string };
  resize_source: { input: { sourceId: number; sizeBytes: number }; output: undefined };
  /** One transaction: events, templates (upsert by index), sessions (upsert by id). */
  append_events: {
    input: { sourceId: number; events: EventBatch; templates: TemplateRecord[]; sessions: SessionRecord[] };
    output: undefined;
  };
  finish_source: {
    input: {
      sourceId: number;
      state: 'ready' | 'partial';
      sha256: string | null;
      totals: SourceTotals;
      templates: TemplateRecord[];
      sessions: SessionRecord[];
      actor: Actor;
    };
    output: undefined;
  };
  /** Sources still being imported, also such that could be gone on with, become partial with what arrived. */
  abandon_imports: { input: { actor: Actor }; output: undefined };
  /** Removes a source with its events, sessions, runs and undecided alerts. Refused (CONFLICT) while alerts of it are decided or in a case. */
  delete_source: { input: { sourceId: number; actor: Actor }; output: undefined };
  /** Indexes the text of events that are not yet indexed, in chunks that let other requests in between; resumes where it stopped. */
  index_text: { input: undefined; output: { indexedCount: number }; progress: { remaining: number } };
  list_sources: { input: undefined; output: Source[] };
  /** A finished source with these bytes. */
  find_source: {
    input: { sha256: string } | { sizeBytes: number };
    output: { id: number; name: string; sha256: string | null }[];
  };
  add_watch: {
    input: Pick<WatchRecord, 'kind' | 'path' | 'pattern' | 'format'> & { actor: Actor };
    output: WatchRecord;
  };
  set_watch: { input: { watchId: number; state: WatchState; actor: Actor }; output: WatchRecord };
  list_watches: { input: undefined; output: WatchRecord[] };
  list_follows: { input: undefined; output: FollowState[] };
  /** A new source, `ready` from the start, with ids of its own for as long as it grows. */
  begin_follow: {
    input: {
      watchId: number;
      path: string;
      name: string;
      format: FormatId;
      assumption: TimeAssumption;
      importedAt: Instant;
      place: unknown;
      actor: Actor;
    };
    output: { sourceId: number };
  };
  read_follow: {
    input: { sourceId: number };
    output: {
      sourceId: number;
      place: unknown;
      kinds: number[];
      format: FormatId;
      assumption: TimeAssumption;
      lastEventId: number;
      nextSessionId: number;
      totals: FollowTotals;
      openSessions: SessionRecord[];
    };
  };
  /** One transaction over all sources of a micro-batch. */
  /** `lines`: which events those of the API are, by a keyed hash. */
  append_follows: {
    input: { parts: FollowPart[]; templates: TemplateRecord[]; lines?: ApiLine[] };
    output: undefined;
  };
  /** What the sources of the API belong to, made when it is first asked for. */
  open_api: { input: { actor: Actor }; output: { watchId: number } };
  /** Throws CONFLICT where a token in force bears the name. */
  add_api_token: { input: { id: string; name: string; hash: Uint8Array; actor: Actor }; output: undefined };
  /** The ones in force and those revoked, oldest first. */
  list_api_tokens: { input: undefined; output: ApiTokenRecord[] };
  /** Throws NOT_FOUND. */
  revoke_api_token: { input: { id: string; actor: Actor }; output: undefined };
  /** The event that a line sent last became; null for a line that never was sent, or is gone. */
  find_api_line: { input: { lineHash: number; raw: string }; output: { eventId: number } | null };
  /** The alert that shows an event: its own, or that of a finding it is part of; null where it was not flagged. */
  flagged_event: { input: { eventId: number; minScore: number }; output: { alertId: string } | null };
  /** Verdicts that stand on alerts of the API's sources. */
  api_verdicts: { input: undefined; output: { truePositives: number; falsePositives: number } };
  /** Sessions that ended and whose end was not scored yet. */
  read_ends: { input: { sourceId: number; limit: number }; output: number[] };
  /** Events up to this one, and ends of sessions so far, are not scored as they came any more: there was no model. */
  mark_scored: { input: { sources: { sourceId: number; eventId: number }[] }; output: undefined };
  /**
   * One transaction: alerts of events as they came, and how far was scored. `outcomes[i]` is of `alerts[i]`: extended, the alert that was
   * there has the new figures; raised, a new one came, of `fresh` alone where `isCut`.
   */
  raise_alerts: {
    input: Omit<ReplaceRunInput, 'finishedAt' | 'alerts' | 'lastEventId'> & {
      at: Instant;
      scoredEventId: number;
      endsScored: number[];
      alerts: RaisedAlert[];
      actor: Actor;
    };
    output: {
      outcomes: {
        alertId: string;
        isNew: boolean;
        isCut: boolean;
        isFolded: boolean;
        isKnown: boolean;
        state: AlertState;
      }[];
    };
  };
  /** Keys of the last events of sessions before an event, in order, and how many stand before those. */
  read_session_keys: {
    input: { sessionIds: number[]; beforeEventId: number; limit: number };
    output: { countBefore: number; keys: KeyPage }[];
  };
  list_templates: { input: undefined; output: TemplateRecord[] };
  /** In the order asked for; those that do not exist are left out. */
  get_templates: { input: { indexes: number[] }; output: TemplateRecord[] };
  freeze_templates: { input: { indexes: Int32Array }; output: undefined };
  read_keys: { input: { sourceId: number; afterEventId: number; limit: number }; output: KeyPage };
  /** What detectors know of the events that `read_keys` gives for the same input; all 0 where nothing is kept. */
  read_values: { input: { sourceId: number; afterEventId: number; limit: number }; output: EventValues };
  read_sessions: { input: { sourceId: number; afterSessionId: number; limit: number }; output: SessionPage };
  /** Lines after `afterLine`, or with a negative limit the lines before it, in line order. */
  read_lines: {
    input: { sourceId: number; afterLine: number; limit: number; maxChars: number };
    output: EventRecord[];
  };
  /** Raw text in bulk, in the order of events: what a text model learns from. */
  read_raws: {
    input: { sourceId: number; afterEventId: number; limit: number; maxChars: number };
    output: { lastEventId: number; raws: string[] };
  };
  /** Events by their place in the source, from 0. */
  read_rows: {
    input: { sourceId: number; firstRow: number; limit: number; maxChars: number };
    output: EventRecord[];
  };
  /** Place of the event that holds a line of the file, or stands before it. */
  row_of_line: { input: { sourceId: number; lineNumber: number }; output: number };
  search_text: {
    input: { sourceId: number | null; text: string; afterEventId: number; limit: number; maxChars: number };
    output: { events: EventRecord[]; isIndexed: boolean };
  };
  get_events: { input: { ids: number[]; maxChars: number }; output: EventRecord[] };
  get_session: { input: { sessionId: number }; output: SessionRecord };
  /** Events of a session around one of them, in order: at most `before` and `after` of it. */
  session_events: {
    input: { sessionId: number; eventId: number; before: number; after: number; maxChars: number };
    output: { session: SessionRecord; events: EventRecord[]; eventsBefore: number };
  };

  /**
   * Replaces the run of a source: undecided alerts of earlier runs of it that were not raised again go, those raised again (same event)
   * keep id, number, verdicts and cases and get the new figures; decided ones stay. New alerts of a signature with a fold in force are
   * folded at once.
   */
  replace_run: {
    input: ReplaceRunInput & { actor: Actor };
    output: { raised: number; folded: number; removed: number };
  };
  /** Of the newest run of each log by a model: how many events of how many alerted, and where the log changed. */
  list_runs: {
    input: { modelId: string };
    output: {
      sourceId: number;
      sourceName: string;
      thresholdVersion: number;
      eventCount: number;
      overCount: number | null;
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
  /** Alert numbers (A-12 → 12) are accepted nowhere: ids only. */
  get_alert: {
    input: { alertId: string; now: Instant };
    output: {
      row: AlertRecord;
      evidence: AlertEvidence;
      history: Verdict[];
      cases: { id: string; number: number; title: string }[];
    };
  };
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
  /**
   * Which alerts count which, worked out again: for all sources where the settings changed (null), for those with an alert from `from` to below
   * `to` where the threshold moved between these.
   */
  fold_again: { input: { moved: { from: number; to: number } | null }; output: undefined };
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
    }[];
  };
  /** Rows that a model judged in the newest run of each log, and the share of all alerts shown that are decided. */
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

  add_threshold: { input: { threshold: NewThreshold; actor: Actor }; output: Threshold };
  /** Of the model in use; null while none is. */
  current_threshold: { input: undefined; output: Threshold | null };
  list_thresholds: { input: { modelId: string | null }; output: Threshold[] };

  add_model: { input: Omit<ModelRecord, 'number'> & { actor: Actor }; output: ModelRecord };
  update_model: { input: Partial<Omit<ModelRecord, 'number'>> & { id: string; actor: Actor }; output: ModelRecord };
  /** Exactly one model is in use; the one before becomes `kept`. */
  use_model: { input: { modelId: string; actor: Actor }; output: ModelRecord[] };
  list_models: { input: undefined; output: ModelRecord[] };
  /** One transaction at the end of learning: the model is whole, has its threshold, and is in use where that was wanted. */
  adopt_model: {
    input: Pick<ModelRecord, 'id' | 'card' | 'curve' | 'files'> & {
      isUsed: boolean;
      threshold: NewThreshold;
      actor: Actor;
    };
    output: undefined;
  };
  /** Newest first, those of models that were removed too. */
  list_retrainings: { input: undefined; output: RetrainingRecord[] };
  /** The end of a retraining: the model is whole and kept, and waits for a decision. */
  propose_model: {
    input: Pick<ModelRecord, 'id' | 'card' | 'curve' | 'files'> & {
      parentId: string;
      report: GateReport;
      actor: Actor;
    };
    output: undefined;
  };
  /** What the gate found was found again. CONFLICT for a model that was decided about. */
  set_gate_report: { input: { modelId: string; report: GateReport }; output: undefined };
  /** In one transaction: the decision, the threshold, the model in use. CONFLICT for one that was decided about. */
  adopt_retraining: {
    input: { modelId: string; threshold: NewThreshold; override: string | null; actor: Actor };
    output: undefined;
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
    }[];
  };
  /** Events of a log that may not be taken as normal: under an alert that is shown and undecided, or under a confirmed threat. */
  read_doubtful_events: {
    input: { sourceId: number; minScore: number };
    output: { sessionIds: Float64Array; firstEventIds: Float64Array; lastEventIds: Float64Array };
  };
  /** Standing verdicts given after a time. */
  count_verdicts: { input: { after: Instant }; output: number };
  /** It is no longer listed; its row and its thresholds stay for the record. CONFLICT for the model in use and one in training. */
  remove_model: { input: { modelId: string; now: Instant; actor: Actor }; output: undefined };
  /** How many logs each model scored last, or raised alerts of that are still there. */
  logs_by_model: { input: undefined; output: { modelId: string; logs: number }[] };

  add_job: { input: Pick<UnfinishedJob, 'id' | 'kind' | 'subject' | 'input' | 'startedAt'>; output: undefined };
  list_jobs: { input: undefined; output: UnfinishedJob[] };
  set_job_input: { input: { id: string; input: unknown }; output: undefined };
  /** Counted until it ends, or is suspended because the app closes. */
  begin_job: { input: { id: string; place: string }; output: undefined };
  suspend_jobs: { input: { ids: string[] }; output: undefined };
  end_job: { input: { id: string }; output: undefined };

  create_case: { input: { caseId: string; title: string; alertIds: string[]; actor: Actor }; output: CaseRecord };
  add_case_alerts: { input: { caseId: string; alertIds: string[]; actor: Actor }; output: CaseRecord };
  add_to_case: { input: Acting & { caseId: string }; output: CaseRecord };
  remove_case_alerts: { input: { caseId: string; alertIds: string[]; actor: Actor }; output: CaseRecord };
  /** Gives the case they are in then. */
  move_case_alerts: {
    input: { caseId: string; intoId: string; alertIds: string[]; actor: Actor };
    output: CaseRecord;
  };
  /** All or nothing: the alerts become a case of their own, linked to the one they were in. Throws CONFLICT where none is in it. */
  split_case: {
    input: { caseId: string; intoId: string; title: string; alertIds: string[]; actor: Actor };
    output: CaseRecord;
  };
  /** `caseId` goes into the other one, which is given. */
  merge_cases: { input: { caseId: string; intoId: string; actor: Actor }; output: CaseRecord };
  update_case: { input: CaseChange & { caseId: string; actor: Actor }; output: CaseRecord };
  add_note: { input: { noteId: string; caseId: string; text: string; actor: Actor }; output: undefined };
  /** Of one model, the newest. Null: it was not asked. */
  get_explanation: {
    input: { alertId: string; model: string; promptVersion: number };
    output: { fingerprint: string; text: string; isCut: boolean; madeAt: Instant; keptWith: string[] } | null;
  };
  put_explanation: {
    input: {
      alertId: string;
      explanation: {
        model: string;
        promptVersion: number;
        fingerprint: string;
        text: string;
        isCut: boolean;
        madeAt: Instant;
      };
    };
    output: undefined;
  };
  keep_explanation: {
    input: { caseId: string; explanation: Omit<KeptExplanation, 'keptBy' | 'addedAt'>; actor: Actor };
    output: undefined;
  };
  set_explanations: { input: { settings: ExplanationSettings; actor: Actor }; output: undefined };
  add_task: {
    input: {
      taskId: string;
      caseId: string;
      title: string;
      owner: string | null;
      dueAt: Instant | null;
      actor: Actor;
    };
    output: undefined;
  };
  /** Tags beside those that are there, tasks and a note, all at once. */
  apply_template: {
    input: {
      caseId: string;
      tags: string[];
      tasks: { taskId: string; title: string }[];
      note: { noteId: string; text: string } | null;
      actor: Actor;
    };
    output: undefined;
  };
  update_task: { input: TaskChange & { caseId: string; taskId: string; actor: Actor }; output: undefined };
  link_cases: { input: { caseId: string; otherId: string; isLinked: boolean; actor: Actor }; output: undefined };
  /** The file is there, by its hash, before this is called. */
  add_attachment: {
    input: { caseId: string; attachment: Omit<Attachment, 'addedBy' | 'addedAt'>; actor: Actor };
    output: undefined;
  };
  set_phases: { input: { caseId: string; phases: CasePhase[]; actor: Actor }; output: undefined };
  suggest_alerts: {
    input: { caseId: string; minScore: number; limit: number };
    output: { suggestions: { alert: AlertRecord; relations: Relation[] }[]; refusedCount: number };
  };
  refuse_alerts: {
    input: { caseId: string; alertIds: string[]; isRefused: boolean; actor: Actor };
    output: undefined;
  };
  /** Without those that were merged into another. */
  list_cases: { input: undefined; output: CaseRecord[] };
  /** With all that its parts have. */
  get_case: {
    input: { caseId: string; now: Instant };
    output: Omit<CaseDetail, 'row' | 'alerts' | 'auditIsIntact' | 'auditCount' | 'auditHead'> & {
      record: CaseRecord;
      alerts: AlertRecord[];
      /** Those that came with a bundle. */
      bundled: AlertRow[];
    };
  };

  get_report_text: { input: { caseId: string }; output: ReportText };
  set_report_text: { input: { caseId: string; text: ReportText; actor: Actor }; output: undefined };
  /** What a report has beside its alerts: logs that they are from, entries of the audit on the case and on them, all verdicts in force. */
  get_case_facts: {
    input: { caseId: string };
    output: {
      text: ReportText;
      sources: {
        id: number;
        name: string;
        format: SourceFormat;
        sizeBytes: number;
        lineCount: number;
        sha256: string | null;
        assumption: TimeAssumption;
        importedAt: Instant;
        path: string | null;
        isFollowed: boolean;
      }[];
      audit: { sequence: number; at: Instant; analyst: string; action: string; subject: string; details: string }[];
      labels: Record<VerdictValue, number>;
    };
  };
  /** Null: the text has no letter or digit to look up. Lines that are not indexed yet are not found. */
  find_sightings: { input: { text: string; caseNumber: number }; output: Sightings | null };
  /** Appends an entry to the hash chain for an action that has no method of its own. */
  append_audit: {
    input: { action: string; subject: string; details: Record<string, unknown>; actor: Actor };
    output: undefined;
  };
  /** Walks the chain. `brokenAt`: sequence number of the first entry that does not fit. */
  verify_audit: { input: undefined; output: { count: number; head: string; brokenAt: number | null } };
  /** Of the database with its log; `entryCount` counts the audit's entries: every change that matters has one. */
  size: { input: undefined; output: { sizeBytes: number; entryCount: number } };
  /** Newest lines, sessions and alerts of an entity, whose keyed hash is `hash`. A name that acts in no session is looked up in the text. */
  read_entity: {
    input: { kind: EntityKind; hash: number; text: string; minScore: number; maxChars: number };
    output: EntityRecord;
  };
  /** Open alerts of the two highest severities that were raised after one; with null, only which the last one is. */
  severe_since: {
    input: { afterNumber: number | null; minScore: number };
    output: { critical: number; high: number; lastNumber: number };
  };
  /** The most severe first, a thousand at most. */
  open_alerts_by_severity: { input: { minScore: number }; output: AlertRecord[] };
  /** Lines of all logs within so long before and after an event, by time; of each side the `limit` nearest. */
  lines_around_time: {
    input: { eventId: number; at: Instant; withinMs: number; limit: number; maxChars: number };
    output: { before: EventRecord[]; after: EventRecord[]; isCut: boolean };
  };
  /**
   * Time in the log of the newest alert that is shown; null where there is none with a time. One that is stamped more than `withinMs` behind
   * nine in ten does not count.
   */
  newest_alert_at: { input: { minScore: number; withinMs: number }; output: Instant | null };
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
  totals: {
    input: undefined;
    output: { sources: number; events: number; unreadableLines: number; unsortedLines: number };
  };
};
