/** @file Stamped lines whose head has an order of its own: Android, HealthApp, glog, key=value. */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { zoneUnstated } from '../stampClock.ts';
import {
  code,
  digits,
  endOfDigits,
  endOfToken,
  isDigit,
  isLetter,
  messageFrom,
  severityOf,
  severityOfLetter,
  skipSpaces,
  twoDigits,
} from './scan.ts';
import { readAnyStamp } from './stamps.ts';

function line(
  at: number,
  severity: LineSeverity | null,
  process: Span | null,
  processId: Span | null,
  message: Span,
): ParsedLine {
  return { fits: true, at, severity, host: null, process, processId, kind: null, subject: null, user: null, message };
}

/** `MM-dd hh:mm:ss.SSS  pid  tid L tag: message`. */
export function parseAndroid(raw: string, clock: StampClock): ParsedLine | null {
  const month = twoDigits(raw, 0);
  const day = twoDigits(raw, 3);
  const hour = twoDigits(raw, 6);
  const minute = twoDigits(raw, 9);
  const second = twoDigits(raw, 12);
  const millisecond = digits(raw, 15, 3);
  if (raw.charCodeAt(2) !== code.dash || raw.charCodeAt(8) !== code.colon || raw.charCodeAt(14) !== code.dot)
    return null;
  if (month !== month || day !== day || hour !== hour || minute !== minute || second !== second) return null;
  if (millisecond !== millisecond || !clock.setYearless(18, month, day, hour, minute, second, millisecond)) return null;
  const at = clock.at;
  const processStart = skipSpaces(raw, 18);
  const processEnd = endOfDigits(raw, processStart);
  const threadStart = skipSpaces(raw, processEnd);
  const threadEnd = endOfDigits(raw, threadStart);
  const levelAt = skipSpaces(raw, threadEnd);
  const severity = severityOfLetter(raw.charCodeAt(levelAt));
  if (processEnd === processStart || threadEnd === threadStart || severity === null) return null;
  if (raw.charCodeAt(levelAt + 1) !== code.space) return null;
  const tagStart = skipSpaces(raw, levelAt + 1);
  const colon = raw.indexOf(': ', tagStart);
  const bare = colon < 0 && raw.charCodeAt(raw.length - 1) === code.colon ? raw.length - 1 : colon;
  if (bare < 0 || bare - tagStart > 128) return null;
  let tagEnd = bare;
  while (tagEnd > tagStart && raw.charCodeAt(tagEnd - 1) === code.space) tagEnd--;
  const process = { start: tagStart, end: tagEnd };
  return line(at, severity, process, { start: processStart, end: processEnd }, messageFrom(raw, bare + 1));
}

/** `yyyyMMdd-h:m:s:SSS|component|id|message`, fields of the time not padded. */
export function parseHealthApp(raw: string, clock: StampClock): ParsedLine | null {
  if (raw.charCodeAt(8) !== code.dash) return null;
  const fields: number[] = [];
  let index = 9;
  for (let count = 0; count < 4; count++) {
    const end = endOfDigits(raw, index);
    if (end === index || end > index + 3) return null;
    fields.push(digits(raw, index, end - index));
    if (raw.charCodeAt(end) !== (count === 3 ? code.bar : code.colon)) return null;
    index = end + 1;
  }
  const [hour = 0, minute = 0, second = 0, millisecond = 0] = fields;
  const year = digits(raw, 0, 4);
  if (!clock.set(index, year, twoDigits(raw, 4), twoDigits(raw, 6), hour, minute, second, millisecond, zoneUnstated)) {
    return null;
  }
  const at = clock.at;
  const componentEnd = raw.indexOf('|', index);
  const idEnd = raw.indexOf('|', componentEnd + 1);
  if (componentEnd < 0 || idEnd < 0) return null;
  const process = { start: index, end: componentEnd };
  return line(at, null, process, { start: componentEnd + 1, end: idEnd }, messageFrom(raw, idEnd + 1));
}

/** `I0102 15:04:05.000000   1234 file.go:12] message` (glog, Kubernetes). */
export function parseGlog(raw: string, clock: StampClock): ParsedLine | null {
  const severity = severityOfLetter(raw.charCodeAt(0));
  const month = twoDigits(raw, 1);
  const day = twoDigits(raw, 3);
  const hour = twoDigits(raw, 6);
  const minute = twoDigits(raw, 9);
  const second = twoDigits(raw, 12);
  if (severity === null || raw.charCodeAt(5) !== code.space || raw.charCodeAt(8) !== code.colon) return null;
  if (month !== month || day !== day || hour !== hour || minute !== minute || second !== second) return null;
  if (raw.charCodeAt(14) !== code.dot) return null;
  const millisecond = digits(raw, 15, 3);
  const stampEnd = endOfDigits(raw, 15);
  if (millisecond !== millisecond || !clock.setYearless(stampEnd, month, day, hour, minute, second, millisecond))
    return null;
  const at = clock.at;
  const threadStart = skipSpaces(raw, stampEnd);
  const threadEnd = endOfDigits(raw, threadStart);
  const fileStart = skipSpaces(raw, threadEnd);
  const colon = raw.indexOf(':', fileStart);
  const close = raw.indexOf(']', fileStart);
  if (threadEnd === threadStart || colon < 0 || close < colon || close - fileStart > 128) return null;
  return line(
    at,
    severity,
    { start: fileStart, end: colon },
    { start: threadStart, end: threadEnd },
    messageFrom(raw, close + 1),
  );
}

/** `time=… level=… msg="…"` (logfmt); the stamp comes first. Without a msg the rest of the line is the message. */
export function parseKeyValue(raw: string, clock: StampClock): ParsedLine | null {
  const equals = raw.indexOf('=');
  if (equals < 1 || equals > 10) return null;
  const key = raw.slice(0, equals);
  if (key !== 'time' && key !== 'ts' && key !== 't' && key !== 'timestamp') return null;
  const quoted = raw.charCodeAt(equals + 1) === code.quote ? 1 : 0;
  if (!readAnyStamp(clock, raw, equals + 1 + quoted)) return null;
  const at = clock.at;
  let severity: LineSeverity | null = null;
  let process: Span | null = null;
  let message: Span | null = null;
  let index = skipSpaces(raw, clock.end + quoted);
  const rest = index;
  while (index < raw.length && message === null) {
    let keyEnd = index;
    while (isLetter(raw.charCodeAt(keyEnd)) || raw.charCodeAt(keyEnd) === 95 || isDigit(raw.charCodeAt(keyEnd)))
      keyEnd++;
    if (raw.charCodeAt(keyEnd) !== code.equals) break;
    const opened = raw.charCodeAt(keyEnd + 1) === code.quote;
    const start = keyEnd + (opened ? 2 : 1);
    const end = opened ? closingQuote(raw, start) : endOfToken(raw, start);
    const name = raw.slice(index, keyEnd);
    if (name === 'level' || name === 'lvl' || name === 'severity') severity = severityOf(raw, start, end);
    else if (name === 'logger' || name === 'component' || name === 'caller' || name === 'app') process = { start, end };
    else if (name === 'msg' || name === 'message') message = { start, end };
    index = skipSpaces(raw, opened ? end + 1 : end);
  }
  return line(at, severity, process, null, message ?? messageFrom(raw, rest));
}

function closingQuote(raw: string, start: number): number {
  for (let index = start; index < raw.length; index++) {
    const character = raw.charCodeAt(index);
    if (character === code.quote) return index;
    if (character === code.backslash) index++;
  }
  return raw.length;
}
