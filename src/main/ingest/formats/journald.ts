/** @file The systemd journal as `journalctl -o json` writes it: one object a line, its own fields in capitals. */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { JsonFields } from './jsonFields.ts';
import { digits, isDigit, severityOfPriority } from './scan.ts';
import { readEpochStamp } from './stamps.ts';

const longestKey = 32;
/** Services have the ids below; what they write belongs to the service, not to a user. 65534 is nobody. */
const firstPersonId = 1000;
const nobodyId = 65_534;

const wanted = [
  '__REALTIME_TIMESTAMP',
  '_SOURCE_REALTIME_TIMESTAMP',
  'PRIORITY',
  '_HOSTNAME',
  'SYSLOG_IDENTIFIER',
  '_COMM',
  '_PID',
  'SYSLOG_PID',
  '_UID',
  'MESSAGE',
] as const;
type Field = (typeof wanted)[number];
const isWanted: ReadonlySet<string> = new Set(wanted);

/** Null where the line is no journal entry: one object with the time that the journal took it in. */
export function parseJournald(raw: string, clock: StampClock): ParsedLine | null {
  if (raw.charCodeAt(0) !== 123) return null;
  const fields = new JsonFields(raw, 1);
  const spans = new Map<Field, Span>();
  let message: Span | null = null;
  while (fields.next()) {
    const key = fields.key(longestKey);
    if (key === null || !isWanted.has(key) || spans.has(key as Field)) continue;
    const span = { start: fields.valueStart, end: fields.valueEnd };
    if (key !== 'MESSAGE') {
      // A field that was set several times is a list; none of these is.
      if (!fields.isList && !fields.isEmpty()) spans.set(key as Field, span);
    } else if (message === null && (fields.isText || fields.isList)) {
      // Bytes that are no text come as a list of numbers. Its numbers tell kinds of line apart by nothing but their amount.
      message = fields.isList ? { start: span.start, end: span.start + 1 } : span;
    }
  }
  if (!fields.whole) return null;
  const stamp = spans.get('_SOURCE_REALTIME_TIMESTAMP') ?? spans.get('__REALTIME_TIMESTAMP');
  if (stamp === undefined || !spans.has('__REALTIME_TIMESTAMP') || !readEpochStamp(clock, raw, stamp.start))
    return null;
  return {
    fits: true,
    at: clock.at,
    severity: severityIn(raw, spans.get('PRIORITY')),
    host: spans.get('_HOSTNAME') ?? null,
    process: spans.get('SYSLOG_IDENTIFIER') ?? spans.get('_COMM') ?? null,
    processId: spans.get('_PID') ?? spans.get('SYSLOG_PID') ?? null,
    kind: null,
    subject: null,
    user: personIn(raw, spans.get('_UID')),
    message: message ?? { start: 0, end: raw.length },
  };
}

function severityIn(raw: string, span: Span | undefined): LineSeverity | null {
  if (span === undefined || span.end !== span.start + 1 || !isDigit(raw.charCodeAt(span.start))) return null;
  const priority = digits(raw, span.start, 1);
  return priority > 7 ? null : severityOfPriority(priority);
}

function personIn(raw: string, span: Span | undefined): Span | null {
  if (span === undefined || span.end - span.start > 10) return null;
  const id = digits(raw, span.start, span.end - span.start);
  return id >= firstPersonId && id !== nobodyId ? span : null;
}
