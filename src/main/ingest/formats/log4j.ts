/**
 * @file Logs of log4j, logback and their like: a stamp, a level, and a thread or logger, in the orders of the common patterns. Stack traces
 * are joined to their line in `records.ts`; here only the first line is read.
 */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import {
  closingBracket,
  code,
  endOfDigits,
  isDigit,
  isLetter,
  messageFrom,
  severityOf,
  skipSpaces,
  twoDigits,
} from './scan.ts';
import { readDayMonthStamp, readIsoStamp, readShortYearStamp } from './stamps.ts';

const mostFields = 7;
const longestField = 512;
const underscore = 95;
const dollar = 36;

type Head = { severity: LineSeverity | null; process: Span | null; processId: Span | null; hasThread: boolean };

/** Null where stamp or level are missing, or neither a thread nor a logger is named. */
export function parseLog4j(raw: string, clock: StampClock): ParsedLine | null {
  let index = skipStamp(raw, clock);
  if (index < 0) return null;
  const { at } = clock;
  const head: Head = { severity: null, process: null, processId: null, hasThread: false };
  for (let count = 0; count < mostFields && head.process === null; count++) {
    const start = skipBetween(raw, index);
    const next = readField(raw, start, head);
    if (next < 0) {
      index = start;
      break;
    }
    index = next;
  }
  if (head.severity === null) return null;
  head.process ??= trailingLogger(raw);
  if (head.process === null && !head.hasThread) return null;
  return {
    fits: true,
    at: at === at ? at : null,
    severity: head.severity,
    host: null,
    process: head.process,
    processId: head.processId,
    kind: null,
    subject: null,
    user: null,
    message: messageFrom(raw, Math.min(skipBetween(raw, index), raw.length)),
  };
}

/** Index behind the stamp, -1 where there is none. A time of day without a date is a stamp, but no time: `clock.at` is NaN. */
function skipStamp(raw: string, clock: StampClock): number {
  const open = raw.charCodeAt(0) === code.squareOpen ? 1 : 0;
  if (!isDigit(raw.charCodeAt(open))) return -1;
  const hasDate =
    readIsoStamp(clock, raw, open) || readShortYearStamp(clock, raw, open) || readDayMonthStamp(clock, raw, open);
  if (!hasDate && !readTimeOfDayOnly(raw, open, clock)) return -1;
  if (open === 0) return clock.end;
  return raw.charCodeAt(clock.end) === code.squareClose ? clock.end + 1 : -1;
}

/** `03:04:05.678` or `03:04:05,678` (logback's default). */
function readTimeOfDayOnly(raw: string, start: number, clock: StampClock): boolean {
  const mark = raw.charCodeAt(start + 8);
  if (raw.charCodeAt(start + 2) !== code.colon || raw.charCodeAt(start + 5) !== code.colon) return false;
  if (mark !== code.dot && mark !== code.comma) return false;
  const hour = twoDigits(raw, start);
  const isTime = hour < 24 && twoDigits(raw, start + 3) < 60 && twoDigits(raw, start + 6) < 61;
  clock.end = endOfDigits(raw, start + 9);
  clock.at = Number.NaN;
  return isTime && clock.end > start + 9;
}

/** Blanks, and the dashes, bars and colons that stand alone between fields. */
function skipBetween(raw: string, start: number): number {
  let index = skipSpaces(raw, start);
  for (;;) {
    let end = index;
    const mark = raw.charCodeAt(index);
    if (mark !== code.dash && mark !== code.bar && mark !== code.colon) return index;
    while (raw.charCodeAt(end) === mark) end++;
    if (!endsField(raw.charCodeAt(end)) && raw.charCodeAt(end) !== code.squareOpen) return index;
    index = skipSpaces(raw, end);
  }
}

/** A blank or the end of the line (NaN), also that of the first line of several. */
function endsField(character: number): boolean {
  return character !== character || character === code.space || character === code.tab || character === 10;
}

/** Index behind the field, -1 where the message begins. */
function readField(raw: string, start: number, head: Head): number {
  const first = raw.charCodeAt(start);
  if (first === code.squareOpen) return readBracket(raw, start, head);
  if (isDigit(first)) return readProcessId(raw, start, head);
  if (!isLetter(first)) return -1;
  let end = start;
  while (isLetter(raw.charCodeAt(end))) end++;
  if (head.severity === null) {
    const severity = severityOf(raw, start, end);
    const behind = raw.charCodeAt(end);
    if (severity !== null && (endsField(behind) || behind === code.bar || behind === code.squareOpen)) {
      head.severity = severity;
      return end;
    }
    // Before the level stand the thread, in brackets, and nothing else.
    return -1;
  }
  return readLogger(raw, start, head);
}

/** `[thread]`, `[LEVEL]`, or Zookeeper's `[myid:1] - INFO  [thread:Class@123]`. */
function readBracket(raw: string, start: number, head: Head): number {
  const end = closingBracket(raw, start, longestField);
  if (end < 0) return -1;
  const inner = skipSpaces(raw, start + 1);
  let innerEnd = end;
  while (innerEnd > inner && raw.charCodeAt(innerEnd - 1) === code.space) innerEnd--;
  const severity = head.severity === null ? severityOf(raw, inner, innerEnd) : null;
  if (severity !== null) {
    head.severity = severity;
    return end + 1;
  }
  // Behind level and thread, a bracket opens the message.
  if (head.severity !== null && head.hasThread && !loggerFollows(raw, end + 1)) return -1;
  head.hasThread = true;
  const at = raw.lastIndexOf('@', innerEnd);
  if (at > inner && innerEnd > at + 1 && endOfDigits(raw, at + 1) === innerEnd) {
    const before = raw.lastIndexOf(':', at);
    head.process = { start: before > inner ? before + 1 : inner, end: at };
  }
  return end + 1;
}

function loggerFollows(raw: string, start: number): boolean {
  const probe: Head = { severity: 'info', process: null, processId: null, hasThread: true };
  const from = skipBetween(raw, start);
  return isLetter(raw.charCodeAt(from)) && readLogger(raw, from, probe) >= 0;
}

/** Spring Boot's `INFO 412 --- [main]`; Hadoop's and HDFS's number of a thread is none. */
function readProcessId(raw: string, start: number, head: Head): number {
  const end = endOfDigits(raw, start);
  if (head.processId !== null || end - start > 10 || raw.charCodeAt(end) !== code.space) return -1;
  if (!raw.startsWith('--- ', skipSpaces(raw, end))) return -1;
  head.processId = { start, end };
  return end;
}

/** `a.b.Class: `, `Class:42 - `, `Class(42) - `, `Class [ctx] - `, `o.a.Server : `: a name, its place, and a mark behind it. */
function readLogger(raw: string, start: number, head: Head): number {
  const limit = Math.min(raw.length, start + longestField);
  let end = start;
  while (end < limit && isNamePart(raw.charCodeAt(end))) end++;
  let behind = raw.charCodeAt(end) === code.space && raw.charCodeAt(end + 1) === code.open ? end + 1 : end;
  const mark = raw.charCodeAt(behind);
  if (mark === code.colon && isDigit(raw.charCodeAt(behind + 1))) behind = endOfDigits(raw, behind + 1);
  else if (mark === code.open || mark === code.squareOpen) {
    const close = raw.indexOf(mark === code.open ? ')' : ']', behind);
    if (close < 0 || close - behind > 128 || endOfPlace(raw, behind + 1) !== close) return -1;
    behind = close + 1;
  }
  if (raw.charCodeAt(behind) === code.colon) {
    if (!endsField(raw.charCodeAt(behind + 1))) return -1;
    head.process = { start, end };
    return behind + 1;
  }
  const next = skipSpaces(raw, behind);
  const isMarked =
    next > behind &&
    (raw.charCodeAt(next) === code.dash || raw.charCodeAt(next) === code.colon || raw.charCodeAt(next) === code.bar) &&
    endsField(raw.charCodeAt(next + 1));
  if (!isMarked) return -1;
  head.process = { start, end };
  return next + 1;
}

/** A line number or `File.java:12`. */
function endOfPlace(raw: string, start: number): number {
  let index = start;
  while (isNamePart(raw.charCodeAt(index)) || raw.charCodeAt(index) === code.colon) index++;
  return index;
}

/** Kafka's `… message (kafka.server.KafkaServer)`: a dotted name at the end of the first line. */
function trailingLogger(raw: string): Span | null {
  const lineEnd = raw.indexOf('\n');
  const close = (lineEnd < 0 ? raw.length : lineEnd) - 1;
  if (raw.charCodeAt(close) !== 41) return null;
  let start = close;
  let dots = 0;
  while (start > 0 && close - start < longestField && isNamePart(raw.charCodeAt(start - 1))) {
    start--;
    if (raw.charCodeAt(start) === code.dot) dots++;
  }
  return dots > 0 && raw.charCodeAt(start - 1) === code.open ? { start, end: close } : null;
}

function isNamePart(character: number): boolean {
  return (
    isLetter(character) ||
    isDigit(character) ||
    character === code.dot ||
    character === underscore ||
    character === dollar ||
    character === code.dash ||
    character === code.slash
  );
}
