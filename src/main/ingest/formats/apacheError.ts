/** @file Error logs of Apache httpd, 2.2 and 2.4: `[stamp] [module:level] [pid 1:tid 2] [client 192.0.2.7:40000] message`. */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { code, endOfDigits, messageFrom, severityOf, skipSpaces } from './scan.ts';
import { readCtimeStamp, readIsoStamp } from './stamps.ts';

const longestField = 256;

type Fields = { severity: LineSeverity | null; process: Span | null; processId: Span | null; subject: Span | null };

/** Null where the line lacks the stamp or the level in brackets. */
export function parseApacheError(raw: string, clock: StampClock): ParsedLine | null {
  if (raw.charCodeAt(0) !== code.squareOpen) return null;
  if (!readCtimeStamp(clock, raw, 1) && !readIsoStamp(clock, raw, 1)) return null;
  if (raw.charCodeAt(clock.end) !== code.squareClose) return null;
  const at = clock.at;
  const fields: Fields = { severity: null, process: null, processId: null, subject: null };
  let index = clock.end + 1;
  for (;;) {
    const open = skipSpaces(raw, index);
    if (raw.charCodeAt(open) !== code.squareOpen) break;
    const close = raw.indexOf(']', open);
    if (close < 0 || close - open > longestField || !readField(raw, open + 1, close, fields)) break;
    index = close + 1;
  }
  const { severity, process, processId, subject } = fields;
  if (severity === null) return null;
  const message = messageFrom(raw, index);
  return { fits: true, at, severity, host: null, process, processId, kind: null, subject, user: null, message };
}

/** False where [start, end) is none of the header's fields: the message opens with a bracket. */
function readField(raw: string, start: number, end: number, fields: Fields): boolean {
  if (fields.severity === null) {
    const colon = raw.indexOf(':', start);
    const isNamed = colon >= start && colon < end;
    fields.severity = levelOf(raw, isNamed ? colon + 1 : start, end);
    if (fields.severity !== null && isNamed && colon > start) fields.process = { start, end: colon };
    return fields.severity !== null;
  }
  if (fields.processId === null && raw.startsWith('pid ', start)) {
    fields.processId = { start: start + 4, end: endOfDigits(raw, start + 4) };
    return fields.processId.end > fields.processId.start;
  }
  if (fields.processId === null && raw.startsWith('tid ', start)) return true;
  if (fields.subject === null && (raw.startsWith('client ', start) || raw.startsWith('remote ', start))) {
    fields.subject = { start: start + 7, end: endOfAddress(raw, start + 7, end, fields.processId !== null) };
    return true;
  }
  return false;
}

/** `trace1` to `trace8` beside the levels of syslog. */
function levelOf(raw: string, start: number, end: number): LineSeverity | null {
  return raw.startsWith('trace', start) && end === start + 6 ? 'debug' : severityOf(raw, start, end);
}

/** Without the port: 2.4, which names the process, always writes one; 2.2 none, and an IPv6 address has colons of its own. */
function endOfAddress(raw: string, start: number, end: number, hasPort: boolean): number {
  const colon = raw.lastIndexOf(':', end - 1);
  if (colon <= start || endOfDigits(raw, colon + 1) !== end) return end;
  const isOnlyColon = raw.indexOf(':', start) === colon;
  return isOnlyColon || hasPort ? colon : end;
}
