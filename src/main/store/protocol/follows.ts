/** @file What is followed: watched files and what the API was sent, scored and raised as it comes. */
import type { Actor } from './workspace.ts';
import type { EventBatch, SessionRecord, SourceTotals, TemplateRecord } from './sources.ts';
import type { NewAlert, ReplaceRunInput } from './alerts.ts';
import type { FormatId, TimeAssumption } from '../../../shared/lines.ts';
import type { AlertState } from '../../../shared/alerts.ts';
import type { Instant } from '../../../shared/instant.ts';

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

export type FollowMethods = {
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
};
