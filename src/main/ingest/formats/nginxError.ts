/** @file Error logs of nginx: `2024/03/04 09:07:31 [error] 77#78: *5 message, client: 192.0.2.7, server: …, request: "…"`. */
import type { ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { code, endOfDigits, isDigit, messageFrom, severityOf } from './scan.ts';
import { readIsoStamp } from './stamps.ts';

const hash = 35;
const star = 42;
const clientMark = ', client: ';
const longestAddress = 64;

/** Null where the line lacks stamp, level, or `process#thread:`. */
export function parseNginxError(raw: string, clock: StampClock): ParsedLine | null {
  if (raw.charCodeAt(4) !== code.slash || !isDigit(raw.charCodeAt(0)) || !readIsoStamp(clock, raw, 0)) return null;
  const at = clock.at;
  const open = clock.end + 1;
  const close = raw.indexOf(']', open);
  if (raw.charCodeAt(open - 1) !== code.space || raw.charCodeAt(open) !== code.squareOpen) return null;
  const severity = close < 0 ? null : severityOf(raw, open + 1, close);
  if (severity === null || raw.charCodeAt(close + 1) !== code.space) return null;
  const processEnd = endOfDigits(raw, close + 2);
  const threadEnd = endOfDigits(raw, processEnd + 1);
  if (processEnd === close + 2 || raw.charCodeAt(processEnd) !== hash || threadEnd === processEnd + 1) return null;
  if (raw.charCodeAt(threadEnd) !== code.colon) return null;
  const message = messageFrom(raw, threadEnd + 1);
  if (raw.charCodeAt(message.start) === star) {
    // The connection's number is no part of what happened.
    const end = endOfDigits(raw, message.start + 1);
    if (end > message.start + 1 && raw.charCodeAt(end) === code.space) message.start = end + 1;
  }
  return {
    fits: true,
    at,
    severity,
    host: null,
    process: null,
    processId: { start: close + 2, end: processEnd },
    kind: null,
    subject: clientOf(raw, message),
    user: null,
    message,
  };
}

/** The client that nginx names. Paths and headers stand in the line as the client sent them: where two are named, none is believed. */
function clientOf(raw: string, message: Span): Span | null {
  const first = raw.indexOf(clientMark, message.start);
  if (first < 0 || raw.indexOf(clientMark, first + 1) >= 0) return null;
  const start = first + clientMark.length;
  const comma = raw.indexOf(',', start);
  const end = comma < 0 ? message.end : comma;
  return end > start && end - start <= longestAddress ? { start, end } : null;
}
