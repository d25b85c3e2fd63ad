/** @file Events as they were read: keys and values for models, lines for people, entities, search. */
import type { SessionRecord, TemplateRecord } from './sources.ts';
import type { AlertRecord } from './alerts.ts';
import type { Sightings } from '../../../shared/observables.ts';
import type { EntityKind, SourceFormat, TimeAssumption } from '../../../shared/lines.ts';
import type { EventValues } from '../../../shared/eventValues.ts';
import type { EntityPage } from '../../../shared/entities.ts';
import type { Instant } from '../../../shared/instant.ts';

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

export type EventMethods = {
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
  /** Null: the text has no letter or digit to look up. Lines that are not indexed yet are not found. */
  find_sightings: { input: { text: string; caseNumber: number }; output: Sightings | null };
  /** Newest lines, sessions and alerts of an entity, whose keyed hash is `hash`. A name that acts in no session is looked up in the text. */
  read_entity: {
    /** `without`: number of an alert whose verdict is not counted. */
    input: {
      kind: EntityKind;
      hash: number;
      text: string;
      minScore: number;
      maxChars: number;
      without?: number | null;
    };
    output: EntityRecord;
  };
  /** Lines of all logs within so long before and after an event, by time; of each side the `limit` nearest. */
  lines_around_time: {
    input: { eventId: number; at: Instant; withinMs: number; limit: number; maxChars: number };
    output: { before: EventRecord[]; after: EventRecord[]; isCut: boolean };
  };
};
