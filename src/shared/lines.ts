/** @file What ingest knows of a line and text knows of its words. All spans are UTF-16 offsets into the raw line. */

export type Span = { start: number; end: number };

/** The one token of a template that holds the lines beyond the most templates; no other template has it. */
export const overflowToken = -1000;

/** Severity of the line as its writer saw it, in syslog's order turned upwards; null where the line does not say. */
export const lineSeverities = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'fatal'] as const;
export type LineSeverity = (typeof lineSeverities)[number];

export const formatIds = [
  'syslog5424',
  'syslog3164',
  'combined',
  'apacheError',
  'nginxError',
  'windows',
  'journald',
  'auditd',
  'log4j',
  'stamped',
  'jsonl',
  'bgl',
  'plain',
] as const;
export type FormatId = (typeof formatIds)[number];
/** A source of lines, or one whose lines are sessions of event ids. */
export type SourceFormat = FormatId | 'sequences';

/** How the bytes of a log were read as text. Of one in Windows-1252, lines that are valid UTF-8 are read as that. */
export const textEncodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type TextEncoding = (typeof textEncodings)[number];

/** What the log leaves out and was assumed for it. Shown wherever its times are shown. */
export type TimeAssumption = {
  /** Year of the first line where stamps have none; later ones follow from the order. Null: the log states years. */
  year: number | null;
  /** IANA zone of stamps without one; null: the log states zones. */
  zone: string | null;
};

export type ParsedLine = {
  /** False: the line does not fit its source's format and was read as a plain line. */
  fits: boolean;
  /** Milliseconds UTC; null where the line has no readable time. */
  at: number | null;
  severity: LineSeverity | null;
  host: Span | null;
  /** Program, logger or component: what wrote the line. */
  process: Span | null;
  processId: Span | null;
  /** What else sets kinds of line apart where the process does not: an event id, a record type, a message id. */
  kind: Span | null;
  /** Client address of a request, node of a machine: an identity the header itself names. */
  subject: Span | null;
  /** User whose act the line is, where a field names them. */
  user: Span | null;
  /** The text that templates are made of. For formats of fields (combined, JSON) it may be the whole line. */
  message: Span;
};

/** What a value inside a line is, as a person would call it. */
export const linePartKinds = [
  'user',
  'address',
  'host',
  'process',
  'path',
  'url',
  'mail address',
  'number',
  'value',
] as const;
export type LinePartKind = (typeof linePartKinds)[number];
/** A value inside a raw line. */
export type LinePart = Span & { kind: LinePartKind };

export const entityKinds = ['user', 'address', 'host', 'process', 'block', 'request', 'node', 'source'] as const;
export type EntityKind = (typeof entityKinds)[number];

/** The actor whose events form a session. `text` is a name written by the log: hostile text. */
export type Entity = { kind: EntityKind; text: string };
