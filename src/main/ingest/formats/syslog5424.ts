/** @file Syslog as RFC 5424 writes it, with or without the octet count that frames it on a stream (RFC 6587). */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { code, endOfDigits, endOfToken, isDigit, messageFrom, severityOfPriority, skipSpaces } from './scan.ts';
import { readIsoStamp } from './stamps.ts';

const byteOrderMark = 0xfeff;
const highestPriority = 191;

/** Null where the line has no priority and version, or lacks one of the fields before the structured data. */
export function parseSyslog5424(raw: string, clock: StampClock): ParsedLine | null {
  let index = 0;
  if (isDigit(raw.charCodeAt(0))) {
    // `123 <34>1 …`: the count says what the line end says as well.
    index = endOfDigits(raw, 0);
    if (index > 9 || raw.charCodeAt(index) !== code.space) return null;
    index++;
  }
  if (raw.charCodeAt(index) !== code.less) return null;
  const priorityEnd = endOfDigits(raw, index + 1);
  if (priorityEnd === index + 1 || priorityEnd > index + 4 || raw.charCodeAt(priorityEnd) !== code.greater) return null;
  const priority = Number(raw.slice(index + 1, priorityEnd));
  const version = priorityEnd + 1;
  const versionEnd = endOfDigits(raw, version);
  if (priority > highestPriority || versionEnd === version || versionEnd > version + 2) return null;
  if (raw.charCodeAt(versionEnd) !== code.space) return null;
  return parse5424Header(raw, versionEnd + 1, severityOfPriority(priority), clock);
}

/**
 * What stands behind `<PRI>VERSION `: stamp, host, program, process id, message id, structured data, message; `-` is nothing. Without
 * a message the structured data is what the line says. Structured data that does not close is left in the message.
 */
export function parse5424Header(
  raw: string,
  start: number,
  severity: LineSeverity | null,
  clock: StampClock,
): ParsedLine | null {
  let at: number | null = null;
  let index = start;
  if (raw.charCodeAt(index) === code.dash) {
    index += 1;
  } else {
    if (!readIsoStampWithT(clock, raw, index)) return null;
    at = clock.at;
    index = clock.end;
  }
  const fields: (Span | null)[] = [];
  for (let count = 0; count < 4; count++) {
    if (raw.charCodeAt(index) !== code.space) return null;
    const end = endOfToken(raw, index + 1);
    if (end === index + 1) return null;
    fields.push(end === index + 2 && raw.charCodeAt(index + 1) === code.dash ? null : { start: index + 1, end });
    index = end;
  }
  const [host = null, process = null, processId = null, kind = null] = fields;
  const dataStart = skipSpaces(raw, index);
  const dataEnd = endOfStructuredData(raw, dataStart);
  const message = messageFrom(raw, dataEnd);
  if (raw.charCodeAt(message.start) === byteOrderMark) message.start++;
  if (message.start >= message.end && dataEnd > dataStart + 1)
    Object.assign(message, { start: dataStart, end: dataEnd });
  return { fits: true, at, severity, host, process, processId, kind, subject: null, user: null, message };
}

/** rsyslog and RFC 5424 write the ISO stamp with `T`; with a blank it is an application's log and not syslog. */
export function readIsoStampWithT(clock: StampClock, raw: string, start: number): boolean {
  return raw.charCodeAt(start + 10) === code.upperT && readIsoStamp(clock, raw, start);
}

/** Behind `-`, or behind the last of the elements `[id name="value" …]`; `start` where there are none or one does not close. */
function endOfStructuredData(raw: string, start: number): number {
  if (raw.charCodeAt(start) === code.dash && endOfToken(raw, start) === start + 1) return start + 1;
  let index = start;
  while (raw.charCodeAt(index) === code.squareOpen) {
    let quoted = false;
    for (; index < raw.length; index++) {
      const character = raw.charCodeAt(index);
      if (character === code.backslash && quoted) index++;
      else if (character === code.quote) quoted = !quoted;
      else if (character === code.squareClose && !quoted) break;
    }
    if (index >= raw.length) return start;
    index++;
  }
  return index;
}
