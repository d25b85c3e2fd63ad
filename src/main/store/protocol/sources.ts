/** @file Sources: files that are imported, and the columns that their lines come as. */
import type { Actor } from './workspace.ts';
import type { EntityKind, SourceFormat, TextEncoding, TimeAssumption } from '../../../shared/lines.ts';
import type { EventValues } from '../../../shared/eventValues.ts';
import type { Instant } from '../../../shared/instant.ts';
import type { Source } from '../../../shared/sources.ts';

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

export type SourceMethods = {
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
};
